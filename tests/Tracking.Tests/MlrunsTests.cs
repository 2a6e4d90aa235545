using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class MlrunsTests(PostgresServer server)
{
    private static readonly string[] Tables =
    [
        "experiments", "experiment_tags", "runs", "params", "tags", "metrics", "latest_metrics", "datasets",
            "inputs", "input_tags",
        "logged_models", "logged_model_params", "logged_model_tags", "logged_model_metrics", "registered_models",
        "registered_model_tags", "registered_model_aliases", "model_versions", "model_version_tags",
    ];

    [Theory, OnSqlite, OnPostgres]
    public async Task ImportAsync_ExportedStore_EveryRowAndFileComesBack(DatabaseKind kind)
    {
        using var source = new Workspace(server, kind);
        await FillAsync(source);
        var folder = Path.Combine(source.Folder, "out", "mlruns");

        var exported = await new MlrunsExporter(source.Database, source.Artifacts).ExportAsync(folder);
        using var target = new Workspace(server, kind);
        var imported = await new MlrunsImporter(target.Database, target.Artifacts).ImportAsync(folder,
            copyArtifacts: true);

        Assert.Empty(imported.Warnings);
        Assert.Equal((4, 3, 2, 1, 3), (exported.Experiments, exported.Runs, exported.Versions, exported.LoggedModels,
            exported.Files));
        Assert.Equal((exported.Experiments, exported.Runs, exported.Points, exported.Versions, exported.LoggedModels,
            exported.Files),
            (imported.Experiments, imported.Runs, imported.Points, imported.Versions, imported.LoggedModels,
                imported.Files));
        foreach (var table in Tables)
        {
            var expected = Rows(source, table);
            Assert.True(expected.Count > 0, table);
            Assert.Equal(expected, Rows(target, table));
        }

        Assert.Equal(FilesOf(source), FilesOf(target));
        Assert.Equal("weights", File.ReadAllText(Path.Combine(target.Registry.Get("bike", 1).Folder, "model.bin")));

        var again = await new MlrunsImporter(target.Database, target.Artifacts).ImportAsync(folder,
            copyArtifacts: true);
        Assert.Equal((0, 3, 0L, 0), (again.Runs, again.KnownRuns, again.Points, again.Versions));
    }

    [Fact]
    public async Task ImportAsync_FolderWrittenByMlflow_IsRead()
    {
        using var workspace = new Workspace();
        var folder = Path.Combine(workspace.Folder, "mlruns");
        Write(folder, "0/meta.yaml",
            "artifact_location: file:///home/ann/mlruns/0\nexperiment_id: '0'\nlifecycle_stage: active\n"
            + "name: Default\n");
        Write(folder, "841203312771234567/meta.yaml",
            "artifact_location: file:///home/ann/mlruns/841203312771234567\ncreation_time: 1700000000000\n"
            + "experiment_id: '841203312771234567'\nlast_update_time: 1700000000001\nlifecycle_stage: active\n"
            + "name: \"null\"\n");
        const string run = "841203312771234567/4b1cdbcbb5b44ac5b7d3d6d1c5f8a001";
        Write(folder, run + "/meta.yaml",
            "artifact_uri: file:///home/ann/mlruns/841203312771234567/4b1cdbcbb5b44ac5b7d3d6d1c5f8a001/artifacts\n"
            + "end_time: null\n"
            + "entry_point_name: ''\nexperiment_id: '841203312771234567'\nlifecycle_stage: active\n"
            + "run_id: 4b1cdbcbb5b44ac5b7d3d6d1c5f8a001\nrun_name: bold-hare-1\n"
            + "run_uuid: 4b1cdbcbb5b44ac5b7d3d6d1c5f8a001\n"
            + "source_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: 1700000000002\nstatus: 3\ntags: []\n"
            + "user_id: ann\n");
        Write(folder, run + "/metrics/train/loss",
            "1700000000003 0.5 0\n1700000000004 nan 1\n1700000000005 -Infinity 2\nbroken\n1700000000006 0.25 3\n");
        Write(folder, run + "/metrics/old", "1700000000003 7\n");
        Write(folder, run + "/params/depth", "6");
        Write(folder, run + "/params/note", "two\nlines");
        Write(folder, run + "/tags/mlflow.user", "ann");
        Write(folder, run + "/artifacts/plots/a.txt", "plot");
        Write(folder, "841203312771234567/nonsense/readme", "no run");
        Write(folder, ".trash/7/meta.yaml",
            "artifact_location: s3://bucket/7\nexperiment_id: '7'\nlifecycle_stage: deleted\nname: gone\n");
        Write(folder, "models/bike/meta.yaml",
            "creation_timestamp: 5\ndescription: null\nlast_updated_timestamp: 6\nname: bike\n");
        Write(folder, "models/bike/aliases/champion", "1");
        Write(folder, "models/bike/version-1/meta.yaml",
            "creation_timestamp: 5\ncurrent_stage: Production\ndescription: d\nlast_updated_timestamp: 6\nname: bike\n"
            + "run_id: 4b1cdbcbb5b44ac5b7d3d6d1c5f8a001\nrun_link: null\n"
            + "source: file:///home/ann/mlruns/841203312771234567/4b1cdbcbb5b44ac5b7d3d6d1c5f8a001/artifacts/plots\n"
            + "status: READY\n"
            + "status_message: null\nstorage_location: null\nuser_id: null\nversion: 1\n");

        var report = await new MlrunsImporter(workspace.Database, workspace.Artifacts).ImportAsync(folder,
            copyArtifacts: true);

        Assert.Equal([("841203312771234567", 8L)], report.Renumbered.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(2, report.Warnings.Count);
        Assert.Contains(report.Warnings, warning => warning.Contains("line 4: 'broken'", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.Contains("nonsense", StringComparison.Ordinal));
        var read = workspace.Runs.Get("4b1cdbcbb5b44ac5b7d3d6d1c5f8a001");
        Assert.Equal((8L, "bold-hare-1", RunStatus.Finished, 0.25, 7.0), (read.ExperimentId, read.Name, read.Status,
            read.Metrics["train/loss"], read.Metrics["old"]));
        Assert.Equal(("6", "two\nlines"), (read.Parameters["depth"], read.Parameters["note"]));
        Assert.Equal(["plots/a.txt"], workspace.Artifacts.List(read));
        Assert.Equal("null", new ExperimentStore(workspace.Database, workspace.Time).Get(8).Name);
        Assert.True(new ExperimentStore(workspace.Database, workspace.Time).Get(7).IsDeleted);
        var version = workspace.Registry.GetByAlias("bike", "champion")!;
        Assert.Equal("plot", File.ReadAllText(Path.Combine(version.Folder, "a.txt")));
    }

    [Fact]
    public async Task ImportAsync_Referenced_LeavesFilesWhereTheyAre()
    {
        using var source = new Workspace();
        await FillAsync(source);
        var folder = Path.Combine(source.Folder, "mlruns");
        await new MlrunsExporter(source.Database, source.Artifacts).ExportAsync(folder);
        using var target = new Workspace();
        var report = await new MlrunsImporter(target.Database, target.Artifacts).ImportAsync(folder,
            copyArtifacts: false);
        Assert.Equal(0, report.Files);
        Assert.StartsWith(folder, target.Registry.Get("bike", 1).Folder, StringComparison.Ordinal);
        Assert.Equal("weights", File.ReadAllText(Path.Combine(target.Registry.Get("bike", 1).Folder, "model.bin")));
    }

    [Fact]
    public async Task ImportAsync_NoFileStore_IsRefused()
    {
        using var workspace = new Workspace();
        var importer = new MlrunsImporter(workspace.Database, workspace.Artifacts);
        Directory.CreateDirectory(Path.Combine(workspace.Folder, "empty"));
        Assert.Equal(ErrorCode.InvalidInput,
            (await Assert.ThrowsAsync<GyreException>(() => importer.ImportAsync(Path.Combine(workspace.Folder,
                "empty"), true))).Code);
        Assert.Equal(ErrorCode.NotFound,
            (await Assert.ThrowsAsync<GyreException>(() => importer.ImportAsync(Path.Combine(workspace.Folder,
                "absent"), true))).Code);
    }

    [Fact]
    public async Task ExportAsync_FolderInUse_IsRefused()
    {
        using var workspace = new Workspace();
        Write(workspace.Folder, "mlruns/note.txt", "mine");
        var error = await Assert.ThrowsAsync<GyreException>(
            () => new MlrunsExporter(workspace.Database,
                workspace.Artifacts).ExportAsync(Path.Combine(workspace.Folder, "mlruns")));
        Assert.Equal(ErrorCode.AlreadyExists, error.Code);
    }

    internal static async Task<Run> FillAsync(Workspace workspace)
    {
        var experiments = new ExperimentStore(workspace.Database, workspace.Time);
        var bike = await experiments.CreateAsync("bike", null, [KeyValuePair.Create("team", "a/b")]);
        await experiments.CreateAsync("remote", "s3://bucket/x", []);
        var gone = await experiments.CreateAsync("gone", null, []);
        var run = await workspace.Runs.StartAsync(new RunStart(bike, "first ünï"));
        await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Metrics =
            [
                new Metric("loss", 0.1, 0), new Metric("loss", 1e-300, 1), new Metric("val/loss", double.NaN, 2),
                new Metric("up", double.PositiveInfinity), new Metric("third", 1.0 / 3),
            ],
            Parameters = new Dictionary<string, string> { ["depth"] = "6", ["empty"] = "",
                ["text"] = "a\r\nb: 'c' \"d\" \t#" },
            Tags = new Dictionary<string, string> { ["mlflow.note.content"] = "# Ünï\n" },
        });
        await workspace.Runs.LogInputAsync(
            run.Id, new DatasetInput("bike", "abc", "local", """{"uri": "a"}""", "{}", null, "training"));
        await workspace.Artifacts.WriteTextAsync(run, "model/model.bin", "weights", CancellationToken.None);
        await workspace.Runs.FinishAsync(run.Id, RunStatus.Finished);
        await workspace.Runs.StartAsync(new RunStart(bike, "second"));
        await workspace.Runs.StartAsync(new RunStart(gone, "third"));
        await experiments.DeleteAsync(gone);
        await workspace.Registry.CreateVersionAsync("bike", Path.Combine(workspace.Artifacts.FolderOf(run), "model"),
            run.Id,
            new Dictionary<string, string> { ["k"] = "v" }, "the first");
        await workspace.Registry.CreateVersionAsync("bike", workspace.Package(), null);
        await workspace.Registry.SetAliasAsync("bike", "champion", 1);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, $"""
            INSERT INTO registered_model_tags (key, value, name) VALUES ('owner', 'ann', 'bike');
            INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
              last_updated_timestamp_ms, status, lifecycle_stage, source_run_id)
            VALUES ('m-1', {bike}, 'lm', 'mlflow-artifacts:/{bike}/models/m-1/artifacts', 5, 6, 2, 'active',
              '{run.Id}');
            INSERT INTO logged_model_params VALUES ('m-1', {bike}, 'a', 'b');
            INSERT INTO logged_model_tags VALUES ('m-1', {bike}, 'c', 'd');
            INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value,
              experiment_id, run_id)
            VALUES ('m-1', 'acc', 7, 1, 0.75, {bike}, '{run.Id}');
            INSERT INTO inputs VALUES ('edge', 'RUN_OUTPUT', '{run.Id}', 'MODEL_OUTPUT', 'm-1', 3)
            """));
        var model = workspace.Artifacts.FolderOf($"mlflow-artifacts:/{bike}/models/m-1/artifacts");
        Write(model, "MLmodel", "flavors: {}");
        return run;
    }

    private static void Write(string folder, string path, string text)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full) ?? folder);
        File.WriteAllText(full, text);
    }

    private static List<string> FilesOf(Workspace workspace) =>
        [.. Directory.EnumerateFiles(workspace.Artifacts.Root, "*", SearchOption.AllDirectories)
            .Select(path => $"{Path.GetRelativePath(workspace.Artifacts.Root, path)} {File.ReadAllText(path)}")
            .Order(StringComparer.Ordinal)];

    /// <summary>Rows as text; ids of datasets and their edges are each store's own.</summary>
    private static List<string> Rows(Workspace workspace, string table)
    {
        using var connection = workspace.Database.OpenConnection();
        var sql = table switch
        {
            "datasets" => "SELECT experiment_id, name, digest, dataset_source_type, dataset_source, dataset_schema, "
                + "dataset_profile FROM datasets",
            "inputs" => """
                SELECT source_type, coalesce(d.name, source_id), destination_type, destination_id, step
                FROM inputs LEFT JOIN datasets d ON d.dataset_uuid = source_id
                """,
            "input_tags" => "SELECT name, value FROM input_tags",
            _ => $"SELECT * FROM {table}",
        };
        return [.. SchemaTests.Query(connection, sql).Select(row => string.Join('|',
            row)).Order(StringComparer.Ordinal)];
    }
}
