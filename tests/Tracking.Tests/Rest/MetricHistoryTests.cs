using System.Text.Json.Nodes;

namespace Gyre.Tracking.Tests.Rest;

[Collection(PostgresTests.Name)]
public sealed class MetricHistoryTests(PostgresServer postgres)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task GetHistory_PointsInAnyOrder_AnswersByTimestampStepValue(DatabaseKind kind)
    {
        await using var server = await StartAsync(kind);
        var run = await server.CreateRunAsync();
        var random = new Random(3);
        var points = Enumerable.Range(0, 900).Select(_ => (
            Timestamp: (long)random.Next(20), Step: (long)random.Next(-20, 20), Value: random.Next(8) / 4.0)).ToList();
        await server.PostAsync("2.0/mlflow/runs/log-batch", new
        {
            run_id = run,
            metrics = points.Select(point => new
            {
                key = "m", value = point.Value, timestamp = point.Timestamp, step = point.Step,
            }),
        });

        var expected = points.Distinct().Order().ToList();
        Assert.Equal(expected, await HistoryAsync(server, run, 100_000));
        Assert.Equal(expected, await HistoryAsync(server, run, 7));
        Assert.Equal(expected, await HistoryAsync(server, run, expected.Count));
    }

    // Up to 65,536 points are held in memory here; the database sorts longer histories.
    [Theory, OnSqlite, OnPostgres]
    public async Task GetHistory_AsManyAsAreHeldAndOneMore_AnswersAllInOrder(DatabaseKind kind)
    {
        await using var server = await StartAsync(kind);
        var run = await server.CreateRunAsync();
        const int Held = 1 << 16;
        await InsertAsync(server, $"SELECT 'm', i, {Held} - i, i, false, '{run}' FROM ({Numbers(Held)}) n");
        var held = await HistoryAsync(server, run, 1 << 20);
        await InsertAsync(server, $"SELECT 'm', 0.5, {Held} + 1, 0, false, '{run}'");
        var streamed = await HistoryAsync(server, run, 1 << 20);

        Assert.Equal(Enumerable.Range(1, Held).Select(i => ((long)i, (long)Held - i, (double)Held - i)), held);
        Assert.Equal([.. held, (Held + 1, 0, 0.5)], streamed);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task GetHistory_NanAndNameWithQuotes_AreJson(DatabaseKind kind)
    {
        await using var server = await StartAsync(kind);
        var run = await server.CreateRunAsync();
        await InsertAsync(
            server, $"VALUES ('a\"b', 0, 1, 2, true, '{run}'), ('a\"b', 0.25, 1, 3, false, '{run}')");
        var history = await server.GetAsync($"2.0/mlflow/metrics/get-history?run_id={run}&metric_key=a%22b");
        Assert.Equal(
            """[{"key":"a\u0022b","value":"NaN","timestamp":1,"step":2},"""
            + """{"key":"a\u0022b","value":0.25,"timestamp":1,"step":3}]""",
            history["metrics"]!.ToJsonString());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task GetHistory_NumbersThatNoDoubleHolds_AreExact(DatabaseKind kind)
    {
        await using var server = await StartAsync(kind);
        var run = await server.CreateRunAsync();
        List<(long, long, double)> points =
        [
            (long.MinValue, 1, 2), (1, -(1L << 53) - 1, 3), (1, (1L << 53) + 1, 1e300), (long.MaxValue - 1, 0, -0.1),
        ];
        foreach (var (timestamp, step, value) in points)
            await InsertAsync(server, $"VALUES ('m', {value:R}, {timestamp}, {step}, false, '{run}')");

        Assert.Equal(points, await HistoryAsync(server, run, 100));
    }

    [Fact]
    public void ChooseSteps_MoreThanAsked_KeepsEachRunsEndsAndSpreadsEvenly()
    {
        var even = Enumerable.Range(0, 1000).Select(i => (long)i).ToList();
        var chosen = MetricHistory.ChooseSteps([even, [123, 4567]], null, null, 10);
        Assert.Equal([0, 100, 123, 200, 300, 400, 500, 600, 700, 800, 900, 999, 4567], chosen);
        Assert.Equal([200, 201, 202], MetricHistory.ChooseSteps([even], 200, 202, 10));
        Assert.Empty(MetricHistory.ChooseSteps([[], []], null, null, 10));
    }

    private Task<RestFixture> StartAsync(DatabaseKind kind) => RestFixture.StartAsync(
        kind == DatabaseKind.Postgres ? StoreAddress.Parse(postgres.CreateDatabaseAddress()) : null);

    private static Task InsertAsync(RestFixture server, string rows) =>
        server.Database.WriteAsync(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) {rows}";
            command.ExecuteNonQuery();
        });

    private static string Numbers(int count) =>
        $"WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {count - 1}) SELECT i FROM s";

    private static async Task<List<(long, long, double)>> HistoryAsync(RestFixture server, string run, int page)
    {
        var points = new List<(long, long, double)>();
        var token = "";
        do
        {
            var answer = await server.GetAsync(
                $"2.0/mlflow/metrics/get-history?run_id={run}&metric_key=m&max_results={page}&page_token={token}");
            points.AddRange(answer["metrics"]!.AsArray().Select(Read));
            Assert.True(points.Count % page == 0 || answer["next_page_token"] is null);
            token = (string?)answer["next_page_token"];
        }
        while (token is not null);

        return points;
    }

    private static (long, long, double) Read(JsonNode? point) =>
        ((long)point!["timestamp"]!, (long)point["step"]!, (double)point["value"]!);
}
