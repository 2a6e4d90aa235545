using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>`gyre keys` and `gyre audit`, alone and beside a server of the same store.</summary>
public class KeysCommandTests
{
    [Fact]
    public async Task Keys_FromCreationToRevocation_AreFollowedByARunningServer()
    {
        using var folder = new TemporaryFolder();
        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        using var server = GyreProcess.Start(
            folder.Path, "up", "--urls", url, "--grpc-urls", "none", "--anonymous", "none");
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        await server.AnswersAsync(client, "/health");

        var created = await GyreProcess.RunAsync(
            folder.Path, "keys", "create", "shop", "--scopes", "predict", "--rate", "100/s", "--expires", "1d");
        var first = created.Succeeded().Output.Trim();
        Assert.StartsWith("gyre_", first, StringComparison.Ordinal);
        Assert.DoesNotContain(first, created.Errors, StringComparison.Ordinal);
        await AnswersAsync(client, first, HttpStatusCode.OK);

        var rotated = await GyreProcess.RunAsync(folder.Path, "keys", "rotate", "shop", "--json");
        var second = JsonDocument.Parse(rotated.Succeeded().Output).RootElement.GetProperty("key").GetString();
        await AnswersAsync(client, second, HttpStatusCode.OK);
        await AnswersAsync(client, first, HttpStatusCode.Unauthorized);

        (await GyreProcess.RunAsync(folder.Path, "keys", "revoke", "shop")).Succeeded();
        await AnswersAsync(client, second, HttpStatusCode.Unauthorized);

        var audit = await GyreProcess.RunAsync(folder.Path, "audit", "--json");
        var entries = JsonDocument.Parse(audit.Succeeded().Output).RootElement.EnumerateArray().ToList();
        var commands = entries.Where(entry => entry.GetProperty("method").GetString() == "CLI")
            .Select(entry => entry.GetProperty("route").GetString());
        Assert.Equal(["keys create", "keys rotate", "keys revoke"], commands);
        Assert.All(entries, entry => Assert.DoesNotContain(first, entry.GetRawText(), StringComparison.Ordinal));
        var newest = await GyreProcess.RunAsync(folder.Path, "audit", "--last", "1");
        Assert.Single(newest.Succeeded().Output.Trim().Split('\n'));
    }

    [Fact]
    public async Task List_Keys_ShowsThemWithoutSecrets()
    {
        using var folder = new TemporaryFolder();
        (await GyreProcess.RunAsync(folder.Path, "keys", "create", "one", "--scopes", "predict,feedback",
            "--models", "bike,churn", "--quota", "1000/month")).Succeeded();
        var created = await GyreProcess.RunAsync(folder.Path, "keys", "create", "two", "--scopes", "admin", "--json");
        var secret = JsonDocument.Parse(created.Succeeded().Output).RootElement.GetProperty("key").GetString()!; // made

        var text = (await GyreProcess.RunAsync(folder.Path, "keys", "list")).Succeeded().Output;
        Assert.Contains("models bike,churn", text, StringComparison.Ordinal);
        Assert.Contains("quota 1000/month", text, StringComparison.Ordinal);
        var json = (await GyreProcess.RunAsync(folder.Path, "keys", "list", "--json")).Succeeded().Output;
        var keys = JsonDocument.Parse(json).RootElement.EnumerateArray().ToList();
        Assert.Equal(["one", "two"], keys.Select(key => key.GetProperty("name").GetString()));
        Assert.Equal("""["predict","feedback"]""", Compact(keys[0].GetProperty("scopes")));
        Assert.All(keys, key => Assert.Equal("works", key.GetProperty("state").GetString()));
        Assert.DoesNotContain(secret, text + json, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^20..], text + json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys create shop", "--scopes")]
    [InlineData("keys create shop --scopes predict,nonsense", "'nonsense' is no scope")]
    [InlineData("keys create shop --scopes predict --rate fast", "--rate")]
    [InlineData("keys create shop --scopes predict --quota 5/week", "--quota")]
    [InlineData("keys create shop --scopes predict --expires soon", "--expires")]
    [InlineData("keys create shop --scopes predict --models ,", "--models")]
    [InlineData("keys create taken --scopes predict", "taken")]
    [InlineData("keys revoke absent", "absent")]
    [InlineData("keys rotate absent", "absent")]
    [InlineData("keys list --store nonsense://x", "nonsense")]
    [InlineData("audit --last 0", "--last")]
    [InlineData("audit --last -1", "--last")]
    [InlineData("audit --since yesterday", "--since")]
    public async Task Mistake_IsTheUsersAndNamed(string command, string cause)
    {
        using var folder = new TemporaryFolder();
        (await GyreProcess.RunAsync(folder.Path, "keys", "create", "taken", "--scopes", "predict")).Succeeded();

        var result = await GyreProcess.RunAsync(folder.Path, command.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys list")]
    [InlineData("keys revoke shop")]
    [InlineData("keys rotate shop")]
    [InlineData("audit")]
    [InlineData("predictions")]
    public async Task Command_WhereNothingIs_SaysSoAndLeavesNothing(string command)
    {
        using var folder = new TemporaryFolder();

        var result = await GyreProcess.RunAsync(folder.Path, command.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("there is no such database", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static Task AnswersAsync(HttpClient client, string? key, HttpStatusCode status) =>
        Eventually.HoldsAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v2", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode == status;
        });

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);
}
