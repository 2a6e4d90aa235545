using System.Data.Common;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

/// <summary>Holds the database against facts taken from one that MLflow made (Golden/make-schema.py).</summary>
public class SchemaTests
{
    internal sealed record ColumnFacts(
        string Name, string Type, string Postgres, bool NotNull, string? Default, string? Generated);

    internal sealed record ForeignKeyFacts(
        string[] Columns, string Table, string[] References, string OnDelete, string OnUpdate);

    internal sealed record IndexFacts(string Name, string[] Columns, bool Unique);

    internal sealed record TableFacts(
        string Name,
        ColumnFacts[] Columns,
        string[] PrimaryKey,
        ForeignKeyFacts[] ForeignKeys,
        IndexFacts[] Indexes,
        string[][] Uniques,
        string[] Checks);

    internal sealed record SchemaFacts(string Revision, TableFacts[] Tables);

    internal static readonly SchemaFacts Facts = JsonSerializer.Deserialize<SchemaFacts>(
        File.ReadAllText(Path.Combine(TestData.Root, "tests", "Tracking.Tests", "Golden", "mlflow-schema.json")),
        JsonSerializerOptions.Web)!;

    [Fact]
    public void Open_EmptyFile_HasExactlyMlflowsTablesBesideGyres()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        var tables = Query(
                connection,
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'gyre%' ORDER BY name")
            .Select(row => (string)row[0]!);
        Assert.Equal(Facts.Tables.Select(table => table.Name).Order(StringComparer.Ordinal), tables);
        Assert.Equal(48, Facts.Tables.Length);
    }

    [Fact]
    public void Open_EmptyFile_ColumnsAndPrimaryKeysAreMlflows()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        foreach (var table in Facts.Tables)
        {
            var rows = Query(connection, $"PRAGMA table_xinfo(\"{table.Name}\")");
            Assert.Equal(
                table.Columns.Select(c => (table.Name, c.Name, c.Type, c.NotNull, c.Default, c.Generated is not null)),
                rows.Select(row => (table.Name, (string)row[1]!, StripGenerated((string)row[2]!), (long)row[3]! != 0,
                    row[4] as string, (long)row[6]! == 3)));
            Assert.Equal(
                table.PrimaryKey.Prepend(table.Name),
                rows.Where(row => (long)row[5]! > 0).OrderBy(row => (long)row[5]!)
                    .Select(row => (string)row[1]!).Prepend(table.Name));
        }
    }

    [Fact]
    public void Open_EmptyFile_IndexesAndUniqueConstraintsAreMlflows()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        foreach (var table in Facts.Tables)
        {
            var indexes = Query(connection, $"PRAGMA index_list(\"{table.Name}\")")
                .Select(row => (Name: (string)row[1]!, Unique: (long)row[2]! != 0, Origin: (string)row[3]!)).ToList();
            Assert.Equal(
                table.Indexes.OrderBy(index => index.Name, StringComparer.Ordinal)
                    .Select(index => $"{index.Name} {index.Unique} ({string.Join(", ", index.Columns)})"),
                indexes.Where(index => index.Origin == "c" && !index.Name.StartsWith("gyre_", StringComparison.Ordinal))
                    .OrderBy(index => index.Name, StringComparer.Ordinal)
                    .Select(index => $"{index.Name} {index.Unique} ({IndexColumns(connection, index.Name)})"));
            Assert.Equal(
                table.Uniques.Select(columns => $"{table.Name} {string.Join(", ", columns)}"),
                indexes.Where(index => index.Origin == "u")
                    .Select(index => $"{table.Name} {IndexColumns(connection, index.Name)}"));
        }
    }

    [Fact]
    public void Open_EmptyFile_ForeignKeysAreMlflows()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        foreach (var table in Facts.Tables)
        {
            var actual = Query(connection, $"PRAGMA foreign_key_list(\"{table.Name}\")").GroupBy(row => (long)row[0]!)
                .Select(key => key.OrderBy(row => (long)row[1]!).ToList())
                .Select(key => $"{table.Name}: {string.Join(", ", key.Select(row => row[3]))} -> {key[0][2]} "
                    + $"{string.Join(", ", key.Select(row => row[4]))} {key[0][6]} {key[0][5]}");
            Assert.Equal(
                table.ForeignKeys.Select(key => $"{table.Name}: {string.Join(", ", key.Columns)} -> {key.Table} "
                    + $"{string.Join(", ", key.References)} {key.OnDelete} {key.OnUpdate}")
                .Order(StringComparer.Ordinal),
                actual.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("INSERT INTO experiments (name, lifecycle_stage) VALUES ('a', 'gone')")]
    [InlineData("INSERT INTO runs (run_uuid, status) VALUES ('a', 'DONE')")]
    [InlineData("INSERT INTO runs (run_uuid, source_type) VALUES ('a', 'CRON')")]
    [InlineData("INSERT INTO runs (run_uuid, lifecycle_stage) VALUES ('a', 'gone')")]
    [InlineData("INSERT INTO experiments (name) VALUES ('Default')")]
    [InlineData("INSERT INTO params (key, value, run_uuid) VALUES ('a', 'b', 'absent')")]
    [InlineData("INSERT INTO metrics (key, value, timestamp, run_uuid, is_nan) VALUES ('a', 0, 0, 'absent', 2)")]
    public async Task WriteAsync_AgainstAConstraint_IsRefused(string sql)
    {
        using var workspace = new Workspace();
        var error = await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => workspace.Database.WriteAsync(connection => Execute(connection, sql)));
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT, error.SqliteErrorCode);
    }

    [Fact]
    public async Task WriteAsync_NameOfASecretChanged_IsRefusedByTheTrigger()
    {
        using var workspace = new Workspace();
        await workspace.Database.WriteAsync(connection => Execute(connection, """
            INSERT INTO secrets (secret_id, secret_name, encrypted_value, wrapped_dek, kek_version, masked_value,
              created_at,
                                 last_updated_at) VALUES ('a', 'key', x'00', x'00', 1, '***', 0, 0)
            """));
        await workspace.Database.WriteAsync(c => Execute(c, "UPDATE secrets SET masked_value = '**'"));
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(
            () => workspace.Database.WriteAsync(c => Execute(c, "UPDATE secrets SET secret_name = 'other'")));
    }

    [Fact]
    public async Task Open_DatabaseOfMlflowItself_IsExtendedNotChanged()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("mlflow.db");
        CreateAsMlflowWould(path);
        using (var database = TrackingDatabase.Open(path))
        {
            var runs = new RunStore(database, new ArtifactStore(folder.File("artifacts")), TimeProvider.System);
            await runs.StartAsync(new RunStart(0, "r"));
            Assert.Equal("7", runs.FindExperiment("theirs")!.ArtifactLocation);
        }

        using var again = TrackingDatabase.Open(path);
        using var connection = again.OpenConnection();
        Assert.Equal(Facts.Revision, Query(connection, "SELECT version_num FROM alembic_version").Single()[0]);
        Assert.Equal(["Default", "theirs"],
            Query(connection, "SELECT name FROM experiments ORDER BY experiment_id").Select(row => row[0]));
    }

    [Fact]
    public void Open_TablesOfAnotherProgram_SaysSo()
    {
        using var folder = new TemporaryFolder();
        SQLitePCL.Batteries_V2.Init();
        var address = $"Data Source={folder.File("a.db")};Pooling=False";
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection(address))
        {
            connection.Open();
            Execute(connection, "CREATE TABLE customers (name TEXT)");
        }

        Assert.Contains("neither Gyre's nor MLflow's",
            Assert.Throws<GyreException>(() => TrackingDatabase.Open(folder.File("a.db"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EmptyFile_HasRevisionAndDefaultExperiment()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(Facts.Revision, Query(connection, "SELECT version_num FROM alembic_version").Single()[0]);
        Assert.Equal([0L, "Default", "mlflow-artifacts:/0", "active", "default"],
            Query(
                connection,
                "SELECT experiment_id, name, artifact_location, lifecycle_stage, workspace FROM experiments").Single());
    }

    [Fact]
    public async Task Open_AnotherRevision_SaysSo()
    {
        using var workspace = new Workspace();
        await workspace.Database.WriteAsync(c => Execute(c, "UPDATE alembic_version SET version_num = 'ae8bbe7743c9'"));
        var error = Assert.Throws<GyreException>(() => TrackingDatabase.Open(workspace.DatabasePath));
        Assert.Contains("ae8bbe7743c9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NotADatabase_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("gyre.db"), new string('x', 5000));
        var error = Assert.Throws<GyreException>(() => TrackingDatabase.Open(folder.File("gyre.db")));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.Contains("gyre.db", error.Message, StringComparison.Ordinal);
    }

    internal static int Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    internal static List<object?[]> Query(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add([.. row.Select(Normalized)]);
        }

        return rows;
    }

    /// <summary>A value as SQLite gives it: whole numbers of 64 bits, 0 and 1 for no and yes.</summary>
    private static object? Normalized(object value) => value switch
    {
        DBNull => null,
        int number => (long)number,
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    /// <summary>
    /// MLflow's tables, an experiment of its own, no Default yet, a rollback journal, nothing of Gyre's.
    /// </summary>
    private static void CreateAsMlflowWould(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var ddl = typeof(TrackingDatabase).Assembly.GetManifestResourceStream("MlflowSchema.sql")!;
        using var reader = new StreamReader(ddl);
        Execute(connection, reader.ReadToEnd());
        Execute(connection, """
            INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage)
              VALUES (7, 'theirs', '7', 'active')
            """);
    }

    private static string IndexColumns(DbConnection connection, string index) =>
        string.Join(", ", Query(connection, $"PRAGMA index_info(\"{index}\")").Select(row => row[2]));

    /// <summary>SQLite reports a generated column's type with the words that make it so.</summary>
    private static string StripGenerated(string type) =>
        type.Replace(" GENERATED ALWAYS", "", StringComparison.Ordinal);
}
