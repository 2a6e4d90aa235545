namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class GarbageCollectorTests(PostgresServer server)
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    [Theory, OnSqlite, OnPostgres]
    public async Task RunAsync_DeletedLongAgo_RowsAndFilesAreGoneAndTheRestStays(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var champion = await MlrunsTests.FillAsync(workspace); // deletes the experiment 'gone' with its run
        var run = await workspace.Runs.StartAsync(new RunStart(1, "to delete"));
        await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Metrics = [new Metric("m", 1)], Parameters = new Dictionary<string, string> { ["p"] = "1" },
        });
        await workspace.Runs.LogInputAsync(run.Id, new DatasetInput("d", "x", "local", "{}", Context: "training"));
        await workspace.Artifacts.WriteTextAsync(run, "a/b.txt", "b", CancellationToken.None);
        await DeleteRunAsync(workspace, run.Id);
        await DeleteRunAsync(workspace, champion.Id);
        workspace.Time.Now += TimeSpan.FromDays(29);
        var collector = new GarbageCollector(workspace.Database, workspace.Artifacts, null, workspace.Time);
        var early = await collector.RunAsync(Month, dryRun: false);
        Assert.Equal((0, 0), (early.Runs, early.Experiments));
        workspace.Time.Now += TimeSpan.FromDays(2);

        var dry = await collector.RunAsync(Month, dryRun: true);
        Assert.Equal(4, Count(workspace, "runs"));
        Assert.True(Directory.Exists(workspace.Artifacts.FolderOf(run)));
        var report = await collector.RunAsync(Month, dryRun: false);

        Assert.Equal((2, 1), (report.Runs, report.Experiments));
        Assert.Equal((dry.Runs, dry.Experiments), (report.Runs, report.Experiments));
        Assert.Equal(dry.Kept, report.Kept);
        Assert.Contains(report.Kept, kept => kept.Contains("version 1 of the model 'bike'", StringComparison.Ordinal));
        Assert.Equal([champion.Id], Ids(workspace, "SELECT run_uuid FROM runs WHERE lifecycle_stage = 'deleted'"));
        foreach (var table in (string[])["metrics", "latest_metrics", "params", "tags"])
            Assert.Empty(Ids(workspace, $"SELECT key FROM {table} WHERE run_uuid = '{run.Id}'"));
        Assert.Empty(Ids(workspace, $"SELECT input_uuid FROM inputs WHERE destination_id = '{run.Id}'"));
        Assert.Equal(1, Count(workspace, "input_tags")); // the champion's
        Assert.Equal(0, Count(workspace, "gyre_artifact_removals"));
        Assert.False(Directory.Exists(Path.GetDirectoryName(workspace.Artifacts.FolderOf(run))));
        Assert.True(File.Exists(Path.Combine(workspace.Registry.Get("bike", 1).Folder, "model.bin")));
        Assert.Equal(0, (await collector.RunAsync(Month, dryRun: false)).Runs);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RunAsync_ExperimentWithTracesAndLoggedModels_GoesWhole(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var experiments = new ExperimentStore(workspace.Database, workspace.Time);
        var id = await experiments.CreateAsync("whole", null, [KeyValuePair.Create("k", "v")]);
        var run = await workspace.Runs.StartAsync(new RunStart(id, "r"));
        await workspace.Artifacts.WriteTextAsync(run, "a.txt", "a", CancellationToken.None);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, $"""
            INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
              last_updated_timestamp_ms, status, lifecycle_stage, source_run_id)
            VALUES ('m-1', {id}, 'lm', 'mlflow-artifacts:/{id}/models/m-1/artifacts', 5, 6, 2, 'active', '{run.Id}');
            INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value,
              experiment_id, run_id)
            VALUES ('m-1', 'acc', 7, 1, 0.75, {id}, '{run.Id}');
            INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('tr-1', {id}, 1, 'OK');
            INSERT INTO trace_tags VALUES ('mlflow.artifactLocation', 'mlflow-artifacts:/{id}/traces/tr-1/artifacts',
              'tr-1');
            INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, content)
              VALUES ('tr-1', {id}, 's', 'OK', 5, 'null');
            INSERT INTO scorers VALUES ({id}, 's', 's-1')
            """));
        await experiments.DeleteAsync(id);

        var report = await new GarbageCollector(workspace.Database, workspace.Artifacts, null,
            workspace.Time).RunAsync(TimeSpan.Zero, dryRun: false);

        Assert.Equal((1, 1, 1), (report.Runs, report.Experiments, report.LoggedModels));
        foreach (var table in (string[])["runs", "logged_models", "logged_model_metrics", "trace_info", "trace_tags",
            "spans", "scorers", "experiment_tags"])
            Assert.Equal((table, 0), (table, Count(workspace, table)));
        Assert.Equal(1, Count(workspace, "experiments"));
        Assert.False(Directory.Exists(workspace.Artifacts.FolderOf($"mlflow-artifacts:/{id}")));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RunAsync_DeletedVersions_LastRowKeepsItsNumber(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        foreach (var package in (string[])["one", "two", "three"])
            await workspace.Registry.CreateVersionAsync("bike", workspace.Package(package), null);
        var folder = workspace.Registry.Get("bike", 2).Folder;
        await workspace.Registry.DeleteVersionAsync("bike", 2);
        await workspace.Registry.DeleteVersionAsync("bike", 3);

        var report = await new GarbageCollector(workspace.Database, workspace.Artifacts, null,
            workspace.Time).RunAsync(TimeSpan.Zero, dryRun: false);

        Assert.Equal(1, report.Versions);
        Assert.False(Directory.Exists(folder));
        Assert.True(Directory.Exists(workspace.Registry.Get("bike", 1).Folder));
        Assert.Equal(4, (await workspace.Registry.CreateVersionAsync("bike", workspace.Package("four"), null)).Version);
    }

    [Fact]
    public async Task RunAsync_AnEarlierOneWasKilled_FilesItNotedGo()
    {
        using var workspace = new Workspace();
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        await workspace.Artifacts.WriteTextAsync(run, "a.txt", "a", CancellationToken.None);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, $"""
            DELETE FROM tags; DELETE FROM runs; INSERT INTO gyre_artifact_removals VALUES ('{run.ArtifactUri}', 0)
            """));

        var report = await new GarbageCollector(workspace.Database, workspace.Artifacts, null,
            workspace.Time).RunAsync(Month, dryRun: false);

        Assert.Equal(1, report.Artifacts);
        Assert.False(Directory.Exists(workspace.Artifacts.FolderOf(run)));
        Assert.Equal(0, Count(workspace, "gyre_artifact_removals"));
    }

    [Fact]
    public async Task RunAsync_ArtifactFolderIsNotThere_FilesStayNoted()
    {
        using var workspace = new Workspace();
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(
            connection, "INSERT INTO gyre_artifact_removals VALUES ('mlflow-artifacts:/0/r/artifacts', 0)"));
        var elsewhere = new ArtifactStore(Path.Combine(workspace.Folder, "absent"));
        var report = await new GarbageCollector(workspace.Database, elsewhere, null, workspace.Time).RunAsync(Month,
            dryRun: false);
        Assert.Equal((0, 1), (report.Artifacts, report.Left.Count));
        Assert.Equal(1, Count(workspace, "gyre_artifact_removals"));
    }

    [Fact]
    public async Task RunAsync_ArtifactsOutsideTheRoot_OnlyARunsOwnFolderGoes()
    {
        using var workspace = new Workspace();
        var experiments = new ExperimentStore(workspace.Database, workspace.Time);
        var outside = Path.Combine(workspace.Folder, "elsewhere");
        var id = await experiments.CreateAsync("outside", outside, []);
        var run = await workspace.Runs.StartAsync(new RunStart(id, "r"));
        await workspace.Artifacts.WriteTextAsync(run, "a.txt", "a", CancellationToken.None);
        File.WriteAllText(Path.Combine(outside, "mine.txt"), "mine");
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, $"""
            INSERT INTO runs (run_uuid, lifecycle_stage, experiment_id, artifact_uri)
              VALUES ('odd', 'deleted', {id}, '{outside}')
            """));
        await experiments.DeleteAsync(id);

        var report = await new GarbageCollector(workspace.Database, workspace.Artifacts, null,
            workspace.Time).RunAsync(TimeSpan.Zero, dryRun: false);

        Assert.Equal([outside], report.Left);
        Assert.Equal(["mine.txt"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
    }

    private static Task DeleteRunAsync(Workspace workspace,
        string id) => workspace.Database.WriteAsync(connection => SchemaTests.Execute(
        connection,
        $"""
        UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = {workspace.Time.Now.ToUnixTimeMilliseconds()}
        WHERE run_uuid = '{id}'
        """));

    private static long Count(Workspace workspace, string table)
    {
        using var connection = workspace.Database.OpenConnection();
        return (long)SchemaTests.Query(connection, $"SELECT count(*) FROM {table}").Single()[0]!;
    }

    private static List<string> Ids(Workspace workspace, string sql)
    {
        using var connection = workspace.Database.OpenConnection();
        return [.. SchemaTests.Query(connection, sql).Select(row => (string)row[0]!)];
    }
}
