using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>
/// Kills a server under the load of several clients. A few times by default, a hundred with <c>GYRE_LONG=1</c>.
/// </summary>
public sealed class RestKillTests
{
    private const int Clients = 6;
    private const int BatchPoints = 40;

    private static readonly int Rounds = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 100 : 3;

    [Fact]
    public async Task Kill_UnderLoad_LosesNothingThatWasAnswered()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(21);
        for (var round = 0; round < Rounds; round++)
        {
            using var server = await RestServerProcess.StartAsync(folder.Path);
            var clients = Enumerable.Range(0, Clients)
                .Select(index => new Client(server.Address, index % 2 == 0)).ToList();
            var work = clients.Select(client => Task.Run(client.LogAsync)).ToArray();
            while (clients.Any(client => client.Answered < 2)) await Task.Delay(5);
            await Task.Delay(random.Next(300));
            await server.KillAsync();
            await Task.WhenAll(work);
            Check(folder, clients);
        }
    }

    private static void Check(TemporaryFolder folder, List<Client> clients)
    {
        using var database = TrackingDatabase.Open(folder.File("gyre.db"));
        using var connection = database.OpenConnection();
        foreach (var client in clients)
        {
            long Count(string sql) => (long)SchemaTests.Query(connection, sql).Single()[0]!; // a count is no NULL
            var points = Count($"SELECT count(*) FROM metrics WHERE run_uuid = '{client.Run}'");
            var size = client.Batches ? BatchPoints : 1;
            // The request under way when it was killed may be there, but whole.
            Assert.InRange(points, client.Answered * size, (client.Answered + 1) * size);
            Assert.Equal(0, points % size);
            Assert.Equal(points - 1, Count($"SELECT step FROM latest_metrics WHERE run_uuid = '{client.Run}'"));
        }

        Assert.Equal("ok", SchemaTests.Query(connection, "PRAGMA integrity_check").Single()[0]);
    }

    private sealed class Client(Uri address, bool batches)
    {
        public bool Batches => batches;

        public string Run { get; private set; } = "";

        public int Answered { get; private set; }

        public async Task LogAsync()
        {
            using var http = new HttpClient { BaseAddress = address };
            try
            {
                using (var created = await http.PostAsJsonAsync("/api/2.0/mlflow/runs/create", new { start_time = 1 }))
                {
                    var answer = await created.Content.ReadFromJsonAsync<JsonElement>();
                    var info = answer.GetProperty("run").GetProperty("info");
                    Run = info.GetProperty("run_id").GetString()!; // it has one
                }

                while (true)
                {
                    using var logged = batches ? await LogBatchAsync(http) : await LogMetricAsync(http);
                    if (!logged.IsSuccessStatusCode) throw new InvalidOperationException(
                        $"answered {logged.StatusCode}");
                    await logged.Content.ReadAsStringAsync();
                    Answered++;
                }
            }
            catch (Exception ex) when (ex is HttpRequestException or IOException)
            {
                // Killed.
            }
        }

        private Task<HttpResponseMessage> LogBatchAsync(HttpClient http) => http.PostAsJsonAsync(
            "/api/2.0/mlflow/runs/log-batch",
            new
            {
                run_id = Run,
                metrics = Enumerable.Range(Answered * BatchPoints, BatchPoints).Select(Point),
            });

        private Task<HttpResponseMessage> LogMetricAsync(HttpClient http) => http.PostAsJsonAsync(
            "/api/2.0/mlflow/runs/log-metric",
            new { run_id = Run, key = "m", value = Answered, timestamp = Answered, step = Answered });

        private static object Point(int step) => new
        {
            key = "m", value = step, timestamp = step, step = step.ToString(CultureInfo.InvariantCulture),
        };
    }
}
