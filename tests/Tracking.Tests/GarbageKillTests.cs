namespace Gyre.Tracking.Tests;

/// <summary>
/// Kills a process that collects garbage, by turns while rows go and while files go. A few times by default, a hundred
/// with <c>GYRE_LONG=1</c>.
/// </summary>
public class GarbageKillTests
{
    private const int Deleted = 40;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 100 : 4;

    [Fact]
    public async Task Kill_WhileItCollects_TheNextCollectionFinishes()
    {
        using var workspace = new Workspace();
        var alive = await StartRunAsync(workspace, "alive");
        var random = new Random(4);
        for (var round = 0; round < Rounds; round++)
        {
            var deleted = new List<Run>();
            for (var i = 0; i < Deleted; i++) deleted.Add(await StartRunAsync(workspace, $"r{round}-{i}"));
            await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection,
                $"UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1 WHERE run_uuid <> '{alive.Id}'"));
            var left = 1 + random.Next(Deleted);
            await KillWhenAsync(workspace, round % 2 == 0
                ? () => Rows(workspace).Count <= left
                : () => deleted.Count(run => Directory.Exists(workspace.Artifacts.FolderOf(run))) < left);

            var (rows, noted) = (Rows(workspace), Noted(workspace));
            foreach (var run in deleted)
            {
                // A row has its files; files have a row, or a note of who removes them.
                var hasFile = File.Exists(Path.Combine(workspace.Artifacts.FolderOf(run), "a.txt"));
                Assert.True(hasFile || !rows.Contains(run.Id), $"run {run.Name} has lost its file");
                Assert.True(
                    !hasFile || rows.Contains(run.Id) || noted.Contains(run.ArtifactUri), $"{run.Name} dangles");
            }

            await new GarbageCollector(workspace.Database, workspace.Artifacts, null, TimeProvider.System)
                .RunAsync(TimeSpan.Zero, dryRun: false);
            Assert.Equal([alive.Id], Rows(workspace));
            Assert.Empty(Noted(workspace));
            Assert.All(deleted, run => Assert.False(Directory.Exists(workspace.Artifacts.FolderOf(run))));
            Assert.True(File.Exists(Path.Combine(workspace.Artifacts.FolderOf(alive), "a.txt")));
        }
    }

    private static async Task KillWhenAsync(Workspace workspace, Func<bool> moment)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var collecting = new OtherProcess(workspace.Folder, Program.Collect);
        while (!moment()) await Task.Delay(1, patience.Token);
        await collecting.KillAsync();
    }

    private static async Task<Run> StartRunAsync(Workspace workspace, string name)
    {
        var run = await workspace.Runs.StartAsync(new RunStart(0, name));
        await workspace.Artifacts.WriteTextAsync(run, "a.txt", name, CancellationToken.None);
        return run;
    }

    private static HashSet<string> Rows(Workspace workspace) => Texts(workspace, "SELECT run_uuid FROM runs");

    private static HashSet<string> Noted(Workspace workspace) =>
        Texts(workspace, "SELECT uri FROM gyre_artifact_removals");

    private static HashSet<string> Texts(Workspace workspace, string sql)
    {
        using var connection = workspace.Database.OpenConnection();
        return [.. SchemaTests.Query(connection, sql).Select(row => (string)row[0]!)]; // neither column is ever NULL
    }
}
