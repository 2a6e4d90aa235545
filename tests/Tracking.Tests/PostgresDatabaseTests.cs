using Gyre.Primitives;
using Npgsql;

namespace Gyre.Tracking.Tests;

/// <summary>What only PostgreSQL can get wrong.</summary>
[Collection(PostgresTests.Name)]
public class PostgresDatabaseTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Open_SameEmptyDatabaseManyTimesAtOnce_AllSucceed()
    {
        var address = StoreAddress.Parse(server.CreateDatabaseAddress());
        var opened = await Task.WhenAll(Enumerable.Range(0,
            4).Select(_ => Task.Run(() => TrackingDatabase.Open(address))));
        await Task.WhenAll(opened.Select(database => Task.Run(
            () => database.Migrate("loop", [new Migration(1, "CREATE TABLE gyre_a (n INTEGER PRIMARY KEY)")]))));
        foreach (var database in opened) database.Dispose();
    }

    [PostgresFact]
    public async Task WriteAsync_FirstExperiment_GetsNumberOne()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        Assert.Equal([0L], workspace.Runs.ListExperiments().Select(experiment => experiment.Id));
        Assert.Equal(1, (await workspace.Runs.GetOrCreateExperimentAsync("first")).Id);
    }

    [PostgresFact]
    public async Task WriteAsync_ManyReadModifyWrites_NoneIsLost()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        using var other = TrackingDatabase.Open(workspace.Address);
        await workspace.Database.WriteAsync(c => SchemaTests.Execute(c, "CREATE TABLE gyre_test (n INTEGER)"));
        await workspace.Database.WriteAsync(c => SchemaTests.Execute(c, "INSERT INTO gyre_test VALUES (0)"));
        await Task.WhenAll(Enumerable.Range(0,
            200).Select(i => (i % 2 == 0 ? other : workspace.Database).WriteAsync(c =>
        {
            var read = (long)SchemaTests.Query(c, "SELECT n FROM gyre_test").Single()[0]!;
            SchemaTests.Execute(c, $"UPDATE gyre_test SET n = {read + 1}");
        })));
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(200L, SchemaTests.Query(connection, "SELECT n FROM gyre_test").Single()[0]);
    }

    [PostgresFact]
    public async Task CreateAsync_SameNameAtOnce_OneIsMadeTheOthersAreTold()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        var store = new ExperimentStore(workspace.Database, workspace.Time);
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            var error = await Record.ExceptionAsync(() => store.CreateAsync("same", null, []));
            return error is null ? "made" : Assert.IsType<GyreException>(error).Code.ToString();
        }));
        Assert.Single(made, "made");
        Assert.Equal(15, made.Count(code => code == nameof(ErrorCode.AlreadyExists)));
    }

    [PostgresFact]
    public async Task CreateVersionAsync_ManyAtOnce_NumbersAreConsecutive()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        var package = workspace.Package();
        var versions = await Task.WhenAll(
            Enumerable.Range(0, 24).Select(_ => workspace.Registry.CreateVersionAsync("bike", package, null)));
        Assert.Equal(Enumerable.Range(1, 24), versions.Select(version => version.Version).Order());
    }

    [PostgresFact]
    public async Task LogBatchAsync_ManyWritersToSharedRuns_NothingIsLost()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => workspace.Runs.StartAsync(new RunStart(0,
            $"r{i}"))));
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async writer =>
        {
            for (var step = 0; step < 10; step++)
            {
                await workspace.Runs.LogBatchAsync(runs[writer % 4].Id, new RunBatch
                {
                    Metrics = [new Metric("m", writer, step), new Metric($"of{writer}", step, step)],
                    Parameters = new Dictionary<string, string> { [$"p{writer}-{step}"] = "1" },
                    Tags = new Dictionary<string, string> { ["last"] = $"{writer}" },
                });
            }
        }));
        for (var i = 0; i < 4; i++)
        {
            var run = workspace.Runs.Get(runs[i].Id);
            Assert.Equal((80, 28 + i), (workspace.Runs.MetricHistory(run.Id, "m").Count, (int)run.Metrics["m"]));
            Assert.Equal(80, run.Parameters.Count);
        }
    }

    [PostgresFact]
    public async Task WriteAsync_ConnectionsEndedByTheServer_AreMadeAnew()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        using (var connection = workspace.Database.OpenConnection())
        {
            SchemaTests.Query(connection, """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """);
        }

        for (var i = 0; i < 16; i++)
            await workspace.Runs.LogBatchAsync(run.Id, new RunBatch { Metrics = [new Metric("m", i, i)] });
        Assert.Equal(15, workspace.Runs.Get(run.Id).Metrics["m"]);
    }

    [PostgresFact]
    public void OpenConnection_Write_IsRefused()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        using var connection = workspace.Database.OpenConnection();
        var error = Assert.Throws<PostgresException>(() => SchemaTests.Execute(connection, "DELETE FROM experiments"));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, error.SqlState);
    }

    [PostgresFact]
    public async Task WriteAsync_TextLongerThanItsColumn_IsInvalidInput()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        var store = new ExperimentStore(workspace.Database, workspace.Time);
        var error = await Assert.ThrowsAsync<GyreException>(() => store.CreateAsync(new string('x', 300), null, []));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
    }

    [PostgresFact]
    public void Open_NoSuchDatabase_SaysSoWithoutThePassword()
    {
        var address = server.CreateDatabaseAddress() + "-absent";
        var error = Assert.Throws<GyreException>(() => TrackingDatabase.Open(StoreAddress.Parse(address)));
        Assert.Contains("no such database", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(":none@", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoServer_IsUnavailable()
    {
        var error = Assert.Throws<GyreException>(
            () => TrackingDatabase.Open(StoreAddress.Parse("postgresql://gyre:secret@127.0.0.1:1/gyre")));
        Assert.Equal(ErrorCode.Unavailable, error.Code);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public void Open_EmptyDatabase_ColumnsAreMlflows()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        using var connection = workspace.Database.OpenConnection();
        var columns = SchemaTests.Query(connection, """
            SELECT c.table_name || '.' || c.column_name || ' ' || format_type(a.atttypid, a.atttypmod) || ' '
              || c.is_nullable
            FROM information_schema.columns c
            JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(c.table_name)) AND a.attname = c.column_name
            WHERE c.table_schema = current_schema() AND c.table_name NOT LIKE 'gyre%'
            """).Select(row => (string)row[0]!).Order(StringComparer.Ordinal);
        var expected = SchemaTests.Facts.Tables.SelectMany(table => table.Columns.Select(column =>
            $"{table.Name}.{column.Name} "
            + column.Postgres.Replace("varchar", "character varying", StringComparison.Ordinal)
            + (column.NotNull ? " NO" : " YES")));
        Assert.Equal(expected.Order(StringComparer.Ordinal), columns);
        Assert.Equal(SchemaTests.Facts.Revision, SchemaTests.Query(connection,
            "SELECT version_num FROM alembic_version").Single()[0]);
    }

    [PostgresFact]
    public void Open_DatabaseOfMlflowItself_IsExtendedNotChanged()
    {
        var address = StoreAddress.Parse(server.CreateDatabaseAddress());
        TrackingDatabase.Open(address).Dispose();
        using (var connections = new Storage.PostgresSource(address, Durability.Process))
        using (var connection = connections.OpenWriter())
            SchemaTests.Execute(connection,
                "DROP TABLE gyre_schema_version, gyre_alias_history, gyre_artifact_removals; DELETE FROM experiments");
        using var database = TrackingDatabase.Open(address);
        using var reader = database.OpenConnection();
        Assert.Equal([0L, "Default"], SchemaTests.Query(reader,
            "SELECT experiment_id, name FROM experiments").Single());
    }

    [PostgresFact]
    public async Task WriteAsync_NameOfASecretChanged_IsRefusedByTheTrigger()
    {
        using var workspace = new Workspace(server, DatabaseKind.Postgres);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, """
            INSERT INTO secrets (secret_id, secret_name, encrypted_value, wrapped_dek, kek_version, masked_value,
              created_at,
                                 last_updated_at) VALUES ('a', 'key', '\x00', '\x00', 1, '***', 0, 0)
            """));
        await workspace.Database.WriteAsync(c => SchemaTests.Execute(c, "UPDATE secrets SET masked_value = '**'"));
        await Assert.ThrowsAsync<PostgresException>(
            () => workspace.Database.WriteAsync(c => SchemaTests.Execute(c,
                "UPDATE secrets SET secret_name = 'other'")));
    }
}
