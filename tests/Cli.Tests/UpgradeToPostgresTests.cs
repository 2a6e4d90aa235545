using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Tracking;
using Gyre.Tracking.Tests;

namespace Gyre.Cli.Tests;

/// <summary><c>gyre upgrade</c> from a file to a server, as docs/guide/tracking.md shows it.</summary>
[Collection(PostgresTests.Name)]
public class UpgradeToPostgresTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Upgrade_FileToPostgres_CopiesAllAndLeavesTheFile()
    {
        using var folder = new TemporaryFolder();
        string id;
        using (var source = TrackingDatabase.Open(folder.File("mlflow.db")))
        {
            var runs = new RunStore(source, new ArtifactStore(folder.File("artifacts")), TimeProvider.System);
            var run = await runs.StartAsync(new RunStart(0, "first"));
            await runs.LogBatchAsync(run.Id, new RunBatch { Metrics = [new Metric("loss", double.NaN), new Metric("acc", 0.5)] });
            id = run.Id;
        }

        var before = await File.ReadAllBytesAsync(folder.File("mlflow.db"));
        var address = server.CreateDatabaseAddress();
        string[] command = ["upgrade", "--store", "sqlite:///mlflow.db", "--to", address];
        var copy = (await GyreProcess.RunAsync(folder.Path, [.. command, "--json"])).Succeeded();

        var rows = JsonNode.Parse(copy.Output)!["rows"]!; // the report has them
        Assert.Equal((1, 2), ((int)rows["runs"]!, (int)rows["metrics"]!));
        using (var target = TrackingDatabase.Open(StoreAddress.Parse(address)))
        {
            var metrics = new RunStore(target, new ArtifactStore(folder.Path), TimeProvider.System).Get(id).Metrics;
            Assert.Equal((double.NaN, 0.5), (metrics["loss"], metrics["acc"]));
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File("mlflow.db")));
        // It holds a store now: nothing is written over.
        var again = await GyreProcess.RunAsync(folder.Path, command);
        Assert.Equal(2, again.ExitCode);
        Assert.DoesNotContain(":none@", again.Errors, StringComparison.Ordinal);
    }
}
