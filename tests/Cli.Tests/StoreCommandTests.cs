using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The commands of docs/guide/tracking.md, as they stand there.</summary>
public class StoreCommandTests
{
    [Fact]
    public async Task Backup_Restore_Export_Import_Upgrade_Gc_BesideAServer()
    {
        using var folder = new TemporaryFolder();
        var url = $"http://127.0.0.1:{GyreProcess.FreePort()}";
        string run;
        using (var server = GyreProcess.Start(folder.Path, "up", "--urls", url))
        {
            using var client = new HttpClient { BaseAddress = new Uri(url) };
            await ReadyAsync(client);
            run = (string)(await PostAsync(client, "runs/create", new { experiment_id = "0",
                run_name = "first" }))["run"]!["info"]!["run_id"]!;
            await PostAsync(client, "runs/log-metric", new { run_id = run, key = "loss", value = 0.5, timestamp = 1,
                step = 0 });
            using var content = new StringContent("weights");
            (await client.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/model.bin",
                content)).EnsureSuccessStatusCode();

            Assert.Contains("1 files", (await RunAsync(folder, "backup", "monday.zip")).Output,
                StringComparison.Ordinal);
            Assert.Contains("1 runs", (await RunAsync(folder, "export", "mlruns", "out")).Output,
                StringComparison.Ordinal);
            var refused = await GyreProcess.RunAsync(folder.Path, "restore", "monday.zip", "--force");
            Assert.Equal((2, true), (refused.ExitCode, refused.Errors.Contains("stop it first",
                StringComparison.Ordinal)));

            await PostAsync(client, "runs/delete", new { run_id = run });
            var dry = await RunAsync(folder, "gc", "--older-than", "0d", "--dry-run", "--json");
            Assert.Equal((1, true), ((int)JsonNode.Parse(dry.Output)!["runs"]!,
                (bool)JsonNode.Parse(dry.Output)!["isDryRun"]!));
            Assert.Contains("removed 1 runs", (await RunAsync(folder, "gc", "--older-than", "0d")).Output,
                StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.File($".gyre/artifacts/0/{run}")));
        }

        await RunAsync(folder, "restore", "monday.zip", "--project", "elsewhere");
        Assert.Equal("weights",
            File.ReadAllText(folder.File($"elsewhere/.gyre/artifacts/0/{run}/artifacts/model.bin")));
        Assert.Contains("imported 1 experiments, 1 runs", (await RunAsync(folder, "import", "mlruns", "out",
            "--project", "imported")).Output, StringComparison.Ordinal);
        Assert.Equal("weights", File.ReadAllText(folder.File($"imported/.gyre/artifacts/0/{run}/artifacts/model.bin")));
        var copy = await RunAsync(folder, "upgrade", "--store", "sqlite:///imported/.gyre/gyre.db", "--to",
            "copy.db", "--json");
        Assert.Equal(1, (int)JsonNode.Parse(copy.Output)!["rows"]!["runs"]!);
    }

    [Theory]
    [InlineData("restore absent.zip", "there is no such file")]
    [InlineData("import mlruns absent", "there is no such folder")]
    [InlineData("gc --older-than soon", "is not an age")]
    [InlineData("gc", "--older-than")]
    [InlineData("upgrade --store sqlite:///absent.db --to new.db", "there is no such file")]
    [InlineData("upgrade --store absent.db --to new.db", "is not the address of a store")]
    [InlineData("backup a.zip --artifacts s3://bucket/x", "is a bucket")]
    public async Task Command_WrongInput_ExitTwoWithTheCause(string command, string cause)
    {
        using var folder = new TemporaryFolder();
        var result = await GyreProcess.RunAsync(folder.Path, command.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
    }

    private static async Task<GyreResult> RunAsync(TemporaryFolder folder, params string[] arguments) =>
        (await GyreProcess.RunAsync(folder.Path, arguments)).Succeeded();

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync($"/api/2.0/mlflow/{path}", body);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync()) ?? new JsonObject();
    }

    private static async Task ReadyAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                if ((await client.GetAsync("/health", patience.Token)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It is not listening yet.
            }

            await Task.Delay(100, patience.Token);
        }
    }
}
