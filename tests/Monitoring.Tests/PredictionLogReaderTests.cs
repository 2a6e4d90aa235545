using System.Data.Common;
using System.Globalization;
using Gyre.Fixtures;
using Gyre.Serving;
using Gyre.Tabular;
using Gyre.Tracking;
using Microsoft.Data.Sqlite;

namespace Gyre.Monitoring.Tests;

public sealed class PredictionLogReaderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2012, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly PredictionLogReader _reader;

    public PredictionLogReaderTests()
    {
        using (var database = TrackingDatabase.Open(_folder.File("log.db"))) ServingModule.Migrate(database);
        _reader = new PredictionLogReader(Open);
    }

    [Fact]
    public void Read_EveryType_FillsTheSchemasColumns()
    {
        Log("a", 0, """{"x":1.5,"n":3,"b":true,"c":"red","t":1325376000000000,"extra":{"deep":[1,2]},"id":"k1"}""", "2.5");
        Log("b", 1, """{"id":null,"t":"2012-01-01T01:00:00Z","c":"","b":0,"n":4.0,"x":null}""", "3.5");
        Log("c", 2, """{"x":"text","n":4.5,"b":"no","c":7,"t":true,"id":{"deep":1}}""", "null");
        var schema = new Schema(
        [
            new ColumnDefinition("x", ColumnType.Numeric), new ColumnDefinition("n", ColumnType.Integer),
            new ColumnDefinition("b", ColumnType.Boolean), new ColumnDefinition("c", ColumnType.Categorical),
            new ColumnDefinition("t", ColumnType.Timestamp), new ColumnDefinition("id", ColumnType.Id),
            new ColumnDefinition("absent", ColumnType.Numeric),
        ]);

        var window = _reader.Read(Query(), schema, TaskKind.Regression, []);

        Assert.Equal([1.5, null, null], Values(window, "x"));
        Assert.Equal([3L, 4L, null], Values(window, "n"));
        Assert.Equal([true, false, null], Values(window, "b"));
        Assert.Equal(["red", null, null], Values(window, "c"));
        Assert.Equal([1325376000000000L, 1325379600000000L, null], Values(window, "t"));
        Assert.Equal(["k1", null, null], Values(window, "id"));
        Assert.Equal([null, null, null], Values(window, "absent"));
        Assert.Equal(6, window.UnreadableValues);
        Assert.Equal([2.5, 3.5, double.NaN], window.Predicted.ToArray());
    }

    [Fact]
    public void Read_Window_IsHalfOpenAndByModelAndVersion()
    {
        Log("before", -1, "{}", "1");
        Log("first", 0, "{}", "1");
        Log("second", 5, "{}", "1", version: 2);
        Log("other", 5, "{}", "1", model: "other");
        Log("end", 24, "{}", "1");

        Assert.Equal(["first", "second"], Ids(Query()));
        Assert.Equal(["second"], Ids(Query() with { Version = 2 }));
        Assert.Equal(["second"], Ids(Query() with { Limit = 1 }));
        Assert.Equal(new PredictionCounts(2, 0), _reader.Count("bike", Start, Start.AddDays(1)));
    }

    [Fact]
    public void Read_WithFeedback_JoinsTheActualValues()
    {
        Log("a", 0, "{}", "1.25");
        Log("b", 1, "{}", "2");
        Log("c", 2, "{}", "3");
        Feedback("a", "7");
        Feedback("c", "\"text\"");

        var window = _reader.Read(Query(), new Schema([]), TaskKind.Regression, []);

        Assert.Equal([7, double.NaN, double.NaN], window.Actual.ToArray());
        Assert.Equal((3, 1, 1), (window.Rows, window.Known, window.UnknownActuals));
        Assert.Equal(["a", "c"], Ids(Query() with { OnlyWithActual = true }));
    }

    [Theory]
    [InlineData(new[] { "no", "yes" }, "\"yes\"", "yes")]
    [InlineData(new[] { "0", "1" }, "1", "1")]
    [InlineData(new[] { "0", "1" }, "1.0", "1")]
    [InlineData(new[] { "false", "true" }, "true", "true")]
    public void Read_Binary_GivesTheProbabilityOfTheSecondClass(string[] classes, string actual, string label)
    {
        Log("a", 0, "{}", $$$"""{"label":"{{{label}}}","probabilities":{"{{{classes[1]}}}":0.75,"{{{classes[0]}}}":0.25}}""");
        Feedback("a", actual);
        var window = _reader.Read(Query(), new Schema([]), TaskKind.Binary, classes);
        Assert.Equal([0.75], window.Predicted.ToArray());
        Assert.Equal([1.0], window.Actual.ToArray());
    }

    [Fact]
    public void Read_Multiclass_GivesProbabilitiesInClassOrder()
    {
        Log("a", 0, "{}", """{"label":"C","probabilities":{"C":0.5,"A":0.2,"B":0.3}}""");
        Feedback("a", "\"B\"");
        Log("b", 1, "{}", """{"label":"A"}""");
        Feedback("b", "\"Z\"");

        var window = _reader.Read(Query(), new Schema([]), TaskKind.Multiclass, ["A", "B", "C"]);

        Assert.Equal([0.2, 0.3, 0.5, double.NaN, double.NaN, double.NaN], window.Predicted.ToArray());
        Assert.Equal([1, double.NaN], window.Actual.ToArray());
        Assert.Equal("C", window.PredictionColumn.ValueAt(0));
        Assert.True(window.PredictionColumn.IsMissing(1));
        Assert.Equal(1, window.UnknownActuals);
    }

    [Fact]
    public void CountRejections_SeveralReasons_CountsByReasonAndColumn()
    {
        Reject("missing-column", "temp");
        Reject("missing-column", "hum");
        Reject("wrong-type", "temp");
        Reject("bad-json", null);
        Reject("bad-json", null, model: "other");

        var counts = _reader.CountRejections("bike", Start, Start.AddDays(1));

        Assert.Equal(4, counts.Total);
        Assert.Equal([("bad-json", 1L), ("missing-column", 2L), ("wrong-type", 1L)],
            counts.ByReason.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal([("hum", 1L), ("temp", 2L)], counts.ByColumn.Select(pair => (pair.Key, pair.Value)));
    }

    public void Dispose() => _folder.Dispose();

    private static PredictionQuery Query() => new("bike", Start, Start.AddDays(1));

    private static IEnumerable<object?> Values(PredictionWindow window, string column) =>
        Enumerable.Range(0, window.Rows).Select(window.Inputs[column].ValueAt);

    private IEnumerable<string> Ids(PredictionQuery query) =>
        _reader.Read(query, new Schema([]), TaskKind.Regression, []).Ids;

    private DbConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_folder.File("log.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Log(string id, int hour, string inputs, string output, string model = "bike", int version = 1)
    {
        using var connection = Open();
        PredictionBlocks.Insert(connection, model, version, id, Start.AddHours(hour), inputs, output);
    }

    private void Feedback(string id, string actual) =>
        Execute("INSERT INTO gyre_feedback VALUES ($1, 'bike', $2, 0)", id, actual);

    private void Reject(string reason, string? column, string model = "bike") => Execute(
        "INSERT INTO gyre_rejections (model, at, reason, column_name, message) VALUES ($1, $2, $3, $4, 'text')",
        model, Start.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), reason, column);

    private void Execute(string sql, params string?[] values)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"${i + 1}", values[i] ?? (object)DBNull.Value);
            command.Parameters.Add(parameter);
        }

        command.ExecuteNonQuery();
    }
}
