using System.Text.Json.Nodes;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>A run is read from several tables: what was written together is seen together.</summary>
[Collection(PostgresTests.Name)]
public sealed class RunSnapshotTests(PostgresServer postgres)
{
    private const int Batches = 150;

    [Theory, OnSqlite, OnPostgres]
    public async Task GetAndSearch_WhileBatchesAreLogged_ShowEachWholeOrNotAtAll(DatabaseKind kind)
    {
        await using var server = await RestFixture.StartAsync(
            kind == DatabaseKind.Postgres ? StoreAddress.Parse(postgres.CreateDatabaseAddress()) : null);
        var run = await server.CreateRunAsync();
        var writing = Task.Run(() => LogAsync(server, run));
        var seen = new HashSet<int>();
        do
        {
            var got = await server.GetAsync($"2.0/mlflow/runs/get?run_id={run}");
            seen.Add(Number(got["run"]!));
            var found = await server.PostAsync("2.0/mlflow/runs/search", new { experiment_ids = new[] { "0" } });
            seen.Add(Number(found["runs"]![0]!));
        }
        while (!writing.IsCompleted);

        await writing;
        Assert.NotEmpty(seen);
    }

    private static async Task LogAsync(RestFixture server, string run)
    {
        for (var i = 1; i <= Batches; i++)
        {
            await server.PostAsync("2.0/mlflow/runs/log-batch", new
            {
                run_id = run,
                metrics = new[] { new { key = "m", value = (double)i, timestamp = i, step = i } },
                tags = new[] { new { key = "t", value = $"{i}" } },
            });
        }
    }

    /// <summary>The batch that is seen, 0 before the first; its metric and its tag must agree.</summary>
    private static int Number(JsonNode run)
    {
        var data = run["data"]!; // every run has it
        var metric = (double?)data["metrics"]?[0]?["value"] ?? 0;
        var tag = data["tags"]!.AsArray().FirstOrDefault(tag => (string?)tag!["key"] == "t"); // the name's is there
        Assert.Equal((int)metric, tag is null ? 0 : int.Parse((string)tag["value"]!));
        return (int)metric;
    }
}
