using Gyre.Fixtures;

namespace Gyre.Tracking.Tests;

/// <summary>
/// Kills a writing process at random moments and looks at what is left. A few times by default, a hundred with
/// <c>GYRE_LONG=1</c>.
/// </summary>
public class KillTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 100 : 3;

    [Fact]
    public async Task Kill_WhileWriting_NothingAcknowledgedIsLost()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(11);
        for (var round = 0; round < Rounds; round++)
        {
            using var process = new OtherProcess(folder.Path);
            await process.Writing;
            await Task.Delay(random.Next(400));
            var lines = await process.KillAsync();
            await CheckAsync(folder, lines);
        }
    }

    [Fact]
    public async Task Kill_WhileOpeningAnEmptyFile_ItOpensTheNextTime()
    {
        var random = new Random(12);
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = new TemporaryFolder();
            using var process = new OtherProcess(folder.Path);
            await Task.Delay(random.Next(60, 350));
            await CheckAsync(folder, await process.KillAsync());
        }
    }

    private static async Task CheckAsync(TemporaryFolder folder, IReadOnlyList<string> lines)
    {
        using var database = TrackingDatabase.Open(folder.File("gyre.db"));
        var artifacts = new ArtifactStore(folder.File("artifacts"));
        var runs = new RunStore(database, artifacts, TimeProvider.System);
        var registry = new ModelRegistry(database, artifacts, TimeProvider.System);

        await runs.FailOrphansAsync();
        foreach (var line in lines.Select(line => line.Split(' '))) CheckLine(line, runs, registry, lines);
        CheckRegistry(database, registry);
        using var connection = database.OpenConnection();
        Assert.Equal("ok", SchemaTests.Query(connection, "PRAGMA integrity_check").Single()[0]);
        Assert.Equal(
            0L, SchemaTests.Query(connection, "SELECT count(*) FROM runs WHERE status = 'RUNNING'").Single()[0]);
    }

    private static void CheckLine(string[] line, RunStore runs, ModelRegistry registry, IReadOnlyList<string> lines)
    {
        switch (line[0])
        {
            case "run":
                var expected = lines.Contains($"finish {line[1]}") ? RunStatus.Finished : RunStatus.Failed;
                // A finish that was committed but not yet said is right, too.
                Assert.Contains(runs.Get(line[1]).Status, new[] { expected, RunStatus.Finished });
                break;
            case "step":
                var run = runs.Get(line[1]);
                var step = int.Parse(line[2], System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(run.Metrics["a"] >= step && run.Metrics["b"] <= -step);
                Assert.Equal("1", run.Parameters[$"p{step}"]);
                // What is written together is there together.
                Assert.Equal(run.Metrics["a"] + 1, run.Parameters.Count);
                break;
            case "version":
                Assert.NotNull(
                    registry.Find("bike", int.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture)));
                break;
            case "champion":
                var champion = registry.GetByAlias("bike", "champion")?.Version;
                Assert.True(champion >= int.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void CheckRegistry(TrackingDatabase database, ModelRegistry registry)
    {
        var versions = registry.List("bike");
        Assert.Equal(Enumerable.Range(1, versions.Count).Reverse(), versions.Select(version => version.Version));
        foreach (var version in versions)
        {
            Assert.Equal("whole", File.ReadAllText(Path.Combine(version.Folder, "MLmodel")));
            Assert.Equal(10_000, new FileInfo(Path.Combine(version.Folder, "model.onnx")).Length);
        }

        Assert.Equal(registry.GetByAlias("bike", "champion")?.Version,
            registry.AliasHistory("bike", "champion").LastOrDefault()?.ToVersion);
        Assert.NotNull(database.Path);
    }
}
