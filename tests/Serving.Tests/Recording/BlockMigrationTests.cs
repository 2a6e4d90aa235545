using System.Data.Common;
using Gyre.Fixtures;
using Gyre.Serving.Storage;
using Gyre.Tracking;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Tests;

namespace Gyre.Serving.Tests.Recording;

/// <summary>The step from a row per prediction to blocks, and what copies and older programs make of them.</summary>
[Collection(PostgresTests.Name)]
public sealed class BlockMigrationTests(PostgresServer server) : IDisposable
{
    private const string Columns = "prediction_id, model, version, requested_at, row_index, inputs, output, latency_us";
    private const string Inputs = """{"a":1.0,"b":1e5,"c":"x\u0000\"y ü [\n","d":null,"e":123456789.12345678,"f":1E+16}""";

    private readonly TemporaryFolder _folder = new();

    [Theory, OnSqlite, OnPostgres]
    public void Migrate_RowsOfTheOldTable_StandInTheViewTextForText(DatabaseKind kind)
    {
        using var database = TrackingDatabase.Open(Address(kind, "gyre.db"));
        var before = Old(database);

        ServingModule.Migrate(database);
        ServingModule.Migrate(database);

        using var connection = database.OpenConnection();
        Assert.Equal(before, Rows(connection));
        Assert.InRange((long)connection.Scalar("SELECT count(*) FROM gyre_prediction_blocks")!, 2, 60);
        Assert.Equal(0L, connection.Scalar(
            """
            SELECT count(*) FROM gyre_predictions
            WHERE bucket <> substr(prediction_id, 1, 10) OR prediction_id NOT BETWEEN first_id AND last_id
               OR requested_at NOT BETWEEN first_at AND last_at OR last_at - first_at >= 10000
            """));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task View_OlderProgramWritesAndReads_WorksAsTheTableDid(DatabaseKind kind)
    {
        using var database = TrackingDatabase.Open(Address(kind, "gyre.db"));
        ServingModule.Migrate(database);
        await database.WriteAsync(connection =>
        {
            Insert(connection, 0, "gyre_predictions");
            Insert(connection, 1, "gyre_predictions");
            connection.Execute("DELETE FROM gyre_predictions WHERE prediction_id = $1", Id(0));
            connection.Execute(
                """
                INSERT INTO gyre_feedback (prediction_id, model, actual, received_at)
                SELECT prediction_id, model, $3, $4 FROM gyre_predictions WHERE prediction_id = $1 AND model = $2
                """,
                Id(1), "m", "5", 1L);
        });

        using var connection = database.OpenConnection();
        Assert.Equal([Row(1)], Rows(connection));
        Assert.Equal(Id(1), connection.Scalar("SELECT prediction_id FROM gyre_feedback"));
    }

    [PostgresFact]
    public async Task Copy_ToAServerAndBack_TheViewIsThereWithEveryRow()
    {
        using var database = TrackingDatabase.Open(Address(DatabaseKind.Sqlite, "gyre.db"));
        var before = Old(database);
        ServingModule.Migrate(database);
        var there = Address(DatabaseKind.Postgres, "");
        var back = Address(DatabaseKind.Sqlite, "back.db");

        StoreCopy.Copy(database.Address, there, new HashSet<string>(), TimeProvider.System);
        StoreCopy.Copy(there, back, new HashSet<string>(), TimeProvider.System);

        foreach (var address in new[] { there, back })
        {
            using var copy = TrackingDatabase.Open(address);
            ServingModule.Migrate(copy);
            using (var connection = copy.OpenConnection()) Assert.Equal(before, Rows(connection));
            await copy.WriteAsync(connection => Insert(connection, 5000, "gyre_predictions"));
            using var again = copy.OpenConnection();
            Assert.Equal(before.Count + 1, Rows(again).Count);
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public void Copy_BlocksLeftOut_TheLogIsEmptyAndWorks(DatabaseKind kind)
    {
        using var database = TrackingDatabase.Open(Address(DatabaseKind.Sqlite, "gyre.db"));
        Old(database);
        ServingModule.Migrate(database);
        var target = Address(kind, "copy.db");

        StoreCopy.Copy(
            database.Address, target, new HashSet<string> { "gyre_prediction_blocks" }, TimeProvider.System);

        using var copy = TrackingDatabase.Open(target);
        ServingModule.Migrate(copy);
        using var connection = copy.OpenConnection();
        Assert.Empty(Rows(connection));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A database as the first migration made it, with rows of two versions over some seconds.</summary>
    private static List<string> Old(TrackingDatabase database)
    {
        database.Migrate(ServingTables.Module, ServingTables.Migrations[..1]);
        database.WriteAsync(connection =>
        {
            for (var i = 0; i < 1000; i++) Insert(connection, i, "gyre_predictions");
        }).GetAwaiter().GetResult();
        using var connection = database.OpenConnection();
        return Rows(connection);
    }

    private static void Insert(DbConnection connection, int i, string table) => connection.Execute(
        $"INSERT INTO {table} ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        Id(i), "m", 1L + (i % 2), At(i), (long)(i % 3), i == 3 ? "{}" : Inputs, i == 4 ? "2.50" : """{"label":"a","p":[1.5,2]}""", 100L + i);

    private static string Row(int i) =>
        $$"""{{Id(i)}}|m|{{1 + (i % 2)}}|{{At(i)}}|{{i % 3}}|{{Inputs}}|{"label":"a","p":[1.5,2]}|{{100 + i}}""";

    private static string Id(int i) => $"{At(i):x12}7abc8def0123456789ab{i:x4}"[..32];

    private static long At(int i) => 1_700_000_000_000 + (i * 3);

    private static List<string> Rows(DbConnection connection) => connection.Query(
        $"SELECT {Columns} FROM gyre_predictions ORDER BY prediction_id",
        reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));

    private StoreAddress Address(DatabaseKind kind, string file) => kind == DatabaseKind.Sqlite
        ? StoreAddress.OfFile(_folder.File(file))
        : StoreAddress.Parse(server.CreateDatabaseAddress());
}
