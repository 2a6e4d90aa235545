using Gyre.Data;
using Gyre.Fixtures;
using Gyre.Loop.Deployment;
using Gyre.Serving;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Loop.Tests;

public sealed class PredictionExportTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly PredictionFilter All = new(null, null, null);

    private readonly TemporaryFolder _folder = new();
    private readonly TrackingDatabase _database;

    public PredictionExportTests()
    {
        _database = TrackingDatabase.Open(_folder.File("gyre.db"));
        ServingModule.Migrate(_database);
    }

    [Fact]
    public void Write_InputsOfEveryKind_HaveTypedColumnsThatReadBack()
    {
        Log("a", 0, """{"x":1.5,"n":3,"b":true,"c":"red \"it's\"","t":1767225600000000,"mixed":1}""", "2.5");
        Log("b", 1, """{"x":2,"n":null,"b":false,"c":"","t":null,"mixed":"***","late":7}""", "1e-3");
        Feedback("b", "4");

        var read = Export(All, new Schema([new ColumnDefinition("t", ColumnType.Timestamp)]));

        Assert.Equal(
            [
                "prediction_id", "model", "version", "requested_at", "row_index", "latency_us", "actual", "x", "n", "b", "c",
                "t", "mixed", "late", "prediction",
            ],
            read.Columns.Select(column => column.Name));
        Assert.Equal(
            ["a", "m", 1L, Micros(Start), 0L, 100L, null, 1.5, 3L, true, "red \"it's\"", 1767225600000000L, "1", null, 2.5],
            Row(read, 0));
        Assert.Equal(["b", "m", 1L, Micros(Start.AddHours(1)), 0L, 100L, 4L, 2.0, null, false], Row(read, 1).Take(10));
        Assert.Equal([null, "***", 7L, 0.001], Row(read, 1).Skip(11));
    }

    [Fact]
    public void Write_ClassesAndListsAndClashingNames_AreColumns()
    {
        Log("a", 0, """{"label":"mine","Version":8}""", """{"label":"x","probabilities":{"x":0.75,"y":0.25},"items":["p","q"]}""");

        var read = Export(All, null);

        Assert.Equal(["input.label", "input.Version", "label", "probabilities.x", "probabilities.y", "items"],
            read.Columns.Skip(7).Select(column => column.Name));
        Assert.Equal(["mine", 8L, "x", 0.75, 0.25, """["p","q"]"""], Row(read, 0).Skip(7));
    }

    [Fact]
    public void Write_Filtered_HasOnlyTheModelAndTheTime()
    {
        for (var hour = 0; hour < 10; hour++) Log($"p{hour}", hour, "{}", "1");
        Log("other", 5, "{}", "1", "other");

        Assert.Equal(10, Export(new PredictionFilter("m", null, null), null).RowCount);
        var some = Export(new PredictionFilter("m", Start.AddHours(3), Start.AddHours(6)), null);
        Assert.Equal(["p3", "p4", "p5"], Enumerable.Range(0, some.RowCount).Select(row => Row(some, row)[0]));
        Assert.Equal(0, Export(new PredictionFilter("nobody", null, null), null).RowCount);
    }

    [Fact]
    public void Newest_ManyBlocks_AreTheLastOnesNewestFirst()
    {
        for (var hour = 0; hour < 50; hour++) Log($"p{hour:00}", hour, "{}", "1");
        using var connection = _database.OpenConnection();

        Assert.Equal(["p49", "p48", "p47"], PredictionRecords.Newest(connection, All, 3).Select(record => record.Id));
        Assert.Equal(["p09", "p08"], PredictionRecords
            .Newest(connection, new PredictionFilter("m", Start.AddHours(8), Start.AddHours(10)), 5).Select(r => r.Id));
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    private static long Micros(DateTimeOffset time) => time.ToUnixTimeMilliseconds() * 1000;

    private static List<object?> Row(Table table, int row) => [.. table.Columns.Select(column => column.ValueAt(row))];

    private Table Export(PredictionFilter filter, Schema? schema)
    {
        var file = _folder.File("log.parquet");
        using var connection = _database.OpenConnection();
        var rows = PredictionExport.Write(connection, filter, schema, file, CancellationToken.None);
        Assert.Equal([file], Directory.GetFiles(_folder.Path, "log.parquet*"));
        using var engine = new SqlEngine();
        engine.RegisterParquet("log", file);
        var read = engine.Query("SELECT * FROM log ORDER BY requested_at");
        Assert.Equal(rows, read.RowCount);
        return read;
    }

    private void Log(string id, int hour, string inputs, string output, string model = "m") => _database.WriteAsync(
        connection => PredictionBlocks.Insert(connection, model, 1, id, Start.AddHours(hour), inputs, output))
        .GetAwaiter().GetResult();

    private void Feedback(string id, string actual) => _database.WriteAsync(
        connection => connection.Execute("INSERT INTO gyre_feedback VALUES ($1, 'm', $2, 0)", id, actual))
        .GetAwaiter().GetResult();
}
