using Gyre.Fixtures;
using Gyre.Primitives;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class StoreCopyTests(PostgresServer server)
{
    private static readonly HashSet<string> Nothing = [];

    /// <summary>
    /// As a release of 2021 made it: no latest points' flag of NaN in old tables, no workspaces, no datasets.
    /// </summary>
    private const string Older = """
        CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('cfd24bdc0731');
        CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256) NOT NULL UNIQUE,
          artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32));
        INSERT INTO experiments VALUES (0, 'Default', './mlruns/0', 'active'), (4, 'bike', 's3://b/4', 'deleted');
        CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20),
          source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(20),
            start_time BIGINT,
          end_time BIGINT, source_version VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200),
          experiment_id INTEGER REFERENCES experiments (experiment_id));
        INSERT INTO runs VALUES ('r1', 'one', 'LOCAL', 'a.py', '', 'ann', 'FINISHED', 5, 6, '', 'active', 's3://b/4/r1',
          4);
        CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(5000), run_uuid VARCHAR(32) NOT NULL,
          PRIMARY KEY (key, run_uuid));
        INSERT INTO tags VALUES ('mlflow.note', 'x', 'r1');
        CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(250) NOT NULL, run_uuid VARCHAR(32) NOT NULL,
          PRIMARY KEY (key, run_uuid));
        INSERT INTO params VALUES ('depth', '6', 'r1');
        CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
          run_uuid VARCHAR(32) NOT NULL,
          step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN DEFAULT '0' NOT NULL, PRIMARY KEY (key, timestamp, step,
            run_uuid, value, is_nan));
        INSERT INTO metrics VALUES ('m', 1.5, 10, 'r1', 0, 0), ('m', 2.5, 11, 'r1', 1, 0), ('n', 0, 1, 'r1', 0, 1);
        CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT,
          step BIGINT NOT NULL,
          is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, run_uuid));
        INSERT INTO latest_metrics VALUES ('m', 2.5, 11, 1, 0, 'r1'), ('n', 0, 1, 0, 1, 'r1');
        CREATE TABLE registered_models (name VARCHAR(256) NOT NULL PRIMARY KEY, creation_time BIGINT,
          last_updated_time BIGINT, description VARCHAR(5000));
        INSERT INTO registered_models VALUES ('bike', 1, 2, 'd');
        CREATE TABLE model_versions (name VARCHAR(256) NOT NULL, version INTEGER NOT NULL, creation_time BIGINT,
          last_updated_time BIGINT,
          description VARCHAR(5000), user_id VARCHAR(256), current_stage VARCHAR(20), source VARCHAR(500),
            run_id VARCHAR(32) NOT NULL,
          status VARCHAR(20), status_message VARCHAR(500), PRIMARY KEY (name, version));
        INSERT INTO model_versions VALUES ('bike', 1, 1, 2, NULL, NULL, 'Production', 's3://b/4/r1/model', 'r1',
          'READY', NULL);
        """;

    /// <summary>
    /// Older still: points without a step or a NaN's mark, users in a column only, nothing of the latest points.
    /// </summary>
    private const string Oldest = """
        CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('451aebb31d03');
        CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256) NOT NULL UNIQUE,
          artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32));
        INSERT INTO experiments VALUES (0, 'Default', './mlruns/0', 'active');
        CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), user_id VARCHAR(256),
          status VARCHAR(20),
          start_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER);
        INSERT INTO runs VALUES ('r1', 'one', 'ann', 'FINISHED', 5, 'active', './mlruns/0/r1', 0);
        CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(250), run_uuid VARCHAR(32) NOT NULL,
          PRIMARY KEY (key, run_uuid));
        CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
          run_uuid VARCHAR(32) NOT NULL,
          step BIGINT DEFAULT '0' NOT NULL, PRIMARY KEY (key, timestamp, step, run_uuid));
        INSERT INTO metrics VALUES ('m', 1.5, 10, 'r1', 0), ('m', 2.5, 11, 'r1', 1), ('m', 9, 12, 'r1', 0);
        """;

    [Theory, OnSqlite, OnPostgres]
    public void Copy_OlderRevision_IsFilledUpAndOpens(DatabaseKind kind)
    {
        using var folder = new TemporaryFolder();
        var source = Make(folder.File("old.db"), Older);
        var before = File.ReadAllBytes(folder.File("old.db"));
        var target = Target(folder, kind);

        var report = StoreCopy.Copy(source, target, Nothing, TimeProvider.System);

        Assert.Equal(before, File.ReadAllBytes(folder.File("old.db")));
        Assert.Equal("cfd24bdc0731", report.FromRevision);
        Assert.Equal(3, report.Rows["metrics"]);
        using var database = TrackingDatabase.Open(target);
        var runs = new RunStore(database, new ArtifactStore(folder.File("a")), TimeProvider.System);
        var run = runs.Get("r1");
        Assert.Equal((2.5, double.NaN, "6", "s3://b/4/r1"),
            (run.Metrics["m"], run.Metrics["n"], run.Parameters["depth"], run.ArtifactUri));
        var registry = new ModelRegistry(database, new ArtifactStore(folder.File("a")), TimeProvider.System);
        Assert.Equal("s3://b/4/r1/model", registry.Get("bike", 1).Source);
        using var connection = database.OpenConnection();
        Assert.Equal(["default", "deleted"],
            SchemaTests.Query(connection,
                "SELECT workspace, lifecycle_stage FROM experiments WHERE experiment_id = 4").Single());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Copy_OldestRevision_LatestPointsAndUsersAreMadeFromWhatThereIs(DatabaseKind kind)
    {
        using var folder = new TemporaryFolder();
        var target = Target(folder, kind);
        StoreCopy.Copy(Make(folder.File("old.db"), Oldest), target, Nothing, TimeProvider.System);

        using var database = TrackingDatabase.Open(target);
        var runs = new RunStore(database, new ArtifactStore(folder.File("a")), TimeProvider.System);
        var run = runs.Get("r1");
        Assert.Equal((2.5, "ann"), (run.Metrics["m"], run.Tags["mlflow.user"]));
        Assert.Equal(1, (await runs.GetOrCreateExperimentAsync("next")).Id);
    }

    [PostgresFact]
    public async Task Copy_ToAServerAndBack_KeepsEveryRow()
    {
        using var workspace = new Workspace();
        workspace.Database.Migrate("loop", [new Migration(1, """
            CREATE TABLE gyre_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, note TEXT,
              weight REAL);
            CREATE INDEX gyre_ledger_at ON gyre_ledger (at, id);
            CREATE TABLE gyre_predictions (prediction_id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
            """)]);
        await workspace.Database.WriteAsync(c => SchemaTests.Execute(c, """
            INSERT INTO gyre_ledger (at, note, weight) VALUES (1, 'it''s', 0.5), (2, NULL, NULL);
            INSERT INTO gyre_predictions VALUES ('p', 9000000000);
            INSERT INTO secrets (secret_id, secret_name, encrypted_value, wrapped_dek, kek_version, masked_value,
              created_at,
                                 last_updated_at) VALUES ('a', 'key', x'00ff', x'01', 1, '***', 0, 0);
            INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('tr-1', 0, 1, 'OK');
            INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, end_time_unix_nano,
              content, dimension_attributes)
            VALUES ('tr-1', 0, 's', 'OK', 5, 8, '{}', '{"a": 1}');
            """));
        var run = await workspace.Runs.StartAsync(
            new RunStart((await workspace.Runs.GetOrCreateExperimentAsync("bike")).Id, "r"));
        await workspace.Runs.LogBatchAsync(run.Id, new RunBatch
        {
            Metrics = [new Metric("m", 1.5, 1), new Metric("n", double.NaN), new Metric("i", double.PositiveInfinity)],
            Tags = new Dictionary<string, string> { ["ünicode"] = "a\tb\nc" },
        });
        await workspace.Registry.CreateVersionAsync("bike", workspace.Package(), run.Id);
        await workspace.Registry.SetAliasAsync("bike", "champion", 1, "by hand");

        var middle = StoreAddress.Parse(server.CreateDatabaseAddress());
        var back = StoreAddress.OfFile(Path.Combine(workspace.Folder, "back.db"));
        var there = StoreCopy.Copy(workspace.Address, middle, Nothing, TimeProvider.System);
        using (var moved = TrackingDatabase.Open(middle))
        {
            // Numbers go on where they were.
            Assert.Equal(2, (await new RunStore(moved, workspace.Artifacts,
                workspace.Time).GetOrCreateExperimentAsync("next")).Id);
            await moved.WriteAsync(c => SchemaTests.Execute(c, "INSERT INTO gyre_ledger (at) VALUES (3)"));
        }

        var here = StoreCopy.Copy(middle, back, Nothing, TimeProvider.System);

        Assert.Equal(there.Rows["experiments"] + 1, here.Rows["experiments"]);
        using var returned = TrackingDatabase.Open(back);
        returned.Migrate("loop", [new Migration(1, "CREATE TABLE gyre_ledger (n INTEGER)")]); // known: not run again
        using var a = workspace.Database.OpenConnection();
        using var b = returned.OpenConnection();
        foreach (var table in SchemaTests.Facts.Tables.Select(table => table.Name).Concat(["gyre_ledger",
            "gyre_predictions", "gyre_alias_history"]))
        {
            var left = Rows(a, table);
            Assert.Subset(Rows(b, table), left);
            Assert.True(left.Count > 0 || !here.Rows.ContainsKey(table), table);
        }

        Assert.Equal([1L, 2L, 3L], SchemaTests.Query(b,
            "SELECT id FROM gyre_ledger ORDER BY at").Select(row => row[0]));
        Assert.Equal(3L, SchemaTests.Query(b, "SELECT duration_ns FROM spans").Single()[0]);
        Assert.Single(SchemaTests.Query(b, "SELECT 1 FROM sqlite_master WHERE name = 'gyre_ledger_at'"));
    }

    [Fact]
    public void Open_OlderRevision_IsOfferedACopyAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        Make(folder.File("old.db"), Older);
        var before = File.ReadAllBytes(folder.File("old.db"));
        var error = Assert.Throws<GyreException>(() => TrackingDatabase.Open(folder.File("old.db")));
        Assert.Contains("'cfd24bdc0731'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'7d34483879f0'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"gyre upgrade --store sqlite:///{folder.File("old.db")} --to", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder.File("old.db")));
    }

    [Fact]
    public void Copy_UnknownRevision_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var source = Make(folder.File("new.db"), Older.Replace("cfd24bdc0731", "ffffffffffff",
            StringComparison.Ordinal));
        var error = Assert.Throws<GyreException>(
            () => StoreCopy.Copy(source, StoreAddress.OfFile(folder.File("to.db")), Nothing, TimeProvider.System));
        Assert.Contains("does not know", error.Message, StringComparison.Ordinal);
        Assert.Equal(["new.db"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Copy_ColumnWithoutARule_IsRefusedUnlessLeftOut()
    {
        using var folder = new TemporaryFolder();
        var source = Make(folder.File("old.db"),
            Older + "CREATE TABLE jobs (id TEXT PRIMARY KEY); INSERT INTO jobs VALUES ('j');");
        var target = StoreAddress.OfFile(folder.File("to.db"));
        var error = Assert.Throws<GyreException>(() => StoreCopy.Copy(source, target, Nothing, TimeProvider.System));
        Assert.Contains("--leave-out jobs", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(target.File));
        Assert.DoesNotContain("jobs", StoreCopy.Copy(source, target, new HashSet<string> { "jobs" },
            TimeProvider.System).Rows.Keys);
    }

    [Fact]
    public void Dispose_DatabaseOfAnotherProgram_HasItsJournalModeAgain()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("theirs.db");
        TrackingDatabase.Open(path).Dispose();
        Assert.Equal("wal", JournalMode(path)); // made here: stays
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            SchemaTests.Execute(connection, "PRAGMA journal_mode = DELETE");
        }

        using (var database = TrackingDatabase.Open(path))
        {
            using var reader = database.OpenConnection();
            Assert.Equal("wal", SchemaTests.Query(reader, "PRAGMA journal_mode").Single()[0]);
        }

        Assert.Equal("delete", JournalMode(path));
        Assert.Equal(["theirs.db"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    private StoreAddress Target(TemporaryFolder folder, DatabaseKind kind) => kind == DatabaseKind.Sqlite
        ? StoreAddress.OfFile(folder.File("new.db"))
        : StoreAddress.Parse(server.CreateDatabaseAddress());

    private static HashSet<string> Rows(System.Data.Common.DbConnection connection, string table) =>
        [.. SchemaTests.Query(connection, $"SELECT * FROM {table}")
            .Select(row => string.Join('|',
                row.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : value)))];

    private static object? JournalMode(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return SchemaTests.Query(connection, "PRAGMA journal_mode").Single()[0];
    }

    private static StoreAddress Make(string path, string ddl)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        SchemaTests.Execute(connection, ddl);
        return StoreAddress.OfFile(path);
    }
}
