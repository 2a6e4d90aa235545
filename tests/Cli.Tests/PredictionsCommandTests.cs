using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tracking;

namespace Gyre.Cli.Tests;

/// <summary>`gyre predictions` over what a real server recorded.</summary>
public class PredictionsCommandTests
{
    [Fact]
    public async Task Predictions_OfAServer_AreShownFilteredAndExported()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("echo.onnx"),
            OnnxGraph.Echo(("x", OnnxGraph.Float32, [-1])).Build());
        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        using var server = GyreProcess.Start(folder.Path, "serve", "echo.onnx", "--urls", url, "--grpc-urls", "none");
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        await server.AnswersAsync(client, "/v2/models/echo/ready");
        var answer = await client.PostAsJsonAsync(
            "/models/echo/invocations", new { inputs = new { in_x = new[] { 1.5, 2, 3 } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());

        await Eventually.HoldsAsync(async () => (await ShowAsync(folder)).Count == 3); // they follow their answer
        var records = await ShowAsync(folder, "--last", "2");
        Assert.Equal(2, records.Count);
        Assert.All(records, record => Assert.Equal("echo", record.GetProperty("model").GetString()));
        var inputs = (await ShowAsync(folder)).Select(r => r.GetProperty("inputs").GetProperty("in_x").GetDouble());
        Assert.Equal([1.5, 2, 3], inputs.Order());
        Assert.Empty(await ShowAsync(folder, "--model", "other"));
        Assert.Empty(await ShowAsync(folder, "--to", "2020-01-01"));
        Assert.Equal(3, (await ShowAsync(folder, "--from", "2020-01-01T00:00:00Z")).Count);

        var text = (await GyreProcess.RunAsync(folder.Path, "predictions")).Succeeded().Output;
        Assert.Equal(3, text.Trim().Split('\n').Length);
        var none = (await GyreProcess.RunAsync(folder.Path, "predictions", "--model", "other")).Succeeded().Output;
        Assert.Equal("No predictions are recorded.", none.Trim());
        var exported = (await GyreProcess.RunAsync(folder.Path, "predictions", "export", "-o", "log.parquet")).Succeeded();
        Assert.StartsWith("3 predictions written to ", exported.Output, StringComparison.Ordinal);
        Assert.Equal("PAR1"u8.ToArray(), (await File.ReadAllBytesAsync(folder.File("log.parquet")))[..4]);
    }

    [Theory]
    [InlineData("predictions --last 0", "--last")]
    [InlineData("predictions --last x", "--last")]
    [InlineData("predictions --from yesterday", "--from")]
    [InlineData("predictions --to 2026-13-01", "--to")]
    [InlineData("predictions export", "--output")]
    [InlineData("predictions export -o absent/log.parquet", "absent")]
    public async Task Mistake_IsTheUsersAndNamed(string command, string cause)
    {
        using var folder = new TemporaryFolder();
        TrackingDatabase.Open(folder.File(".gyre/gyre.db")).Dispose();

        var result = await GyreProcess.RunAsync(folder.Path, command.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
    }

    private static async Task<List<JsonElement>> ShowAsync(TemporaryFolder folder, params string[] arguments)
    {
        var shown = await GyreProcess.RunAsync(folder.Path, ["predictions", "--json", .. arguments]);
        return [.. JsonDocument.Parse(shown.Succeeded().Output).RootElement.EnumerateArray()];
    }
}
