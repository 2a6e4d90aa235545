using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Serving.Recording;
using Gyre.Serving.Storage;
using Gyre.Tracking;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Tests;

namespace Gyre.Serving.Tests.Recording;

/// <summary>What is kept of predictions, on both databases.</summary>
[Collection(PostgresTests.Name)]
public sealed class LogPolicyTests(PostgresServer server)
{
    private const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";

    [Theory, OnSqlite, OnPostgres]
    public async Task Feedback_ManyPredictionsOfOneRequest_IsStoredForTheKnownOnes(DatabaseKind kind)
    {
        await using var serving = await StartAsync(kind, new LogPolicy());
        var rows = string.Join(',', Enumerable.Repeat(FakeScorer.Row, 1000));
        var ids = Ids((await serving.PostAsync("/predict/m", $$"""{"rows":[{{rows}}]}""")).Body);

        var items = ids.Append("0123456789abcdef0123456789abcdef").Append("no such\\u0000id").Append(ids[0])
            .Select((id, i) => $$"""{"predictionId":"{{id}}","actual":{{i}}}""");
        var (_, answer) = await serving.PostAsync("/feedback/m", $"[{string.Join(',', items)}]");

        Assert.Equal(1001, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(["unknown", "unknown"], Statuses(answer).Skip(1000).Take(2));
        Assert.Equal(1000, serving.Count("SELECT count(*) FROM gyre_feedback"));
        Assert.Equal(1, serving.Count($"SELECT count(*) FROM gyre_feedback WHERE prediction_id = '{ids[0]}' AND actual = '1002'"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Predict_Strict_IsCommittedWhenAnswered(DatabaseKind kind)
    {
        await using var serving = await StartAsync(kind, new LogPolicy(), strict: true);
        for (var i = 1; i <= 5; i++)
        {
            await serving.PostAsync("/predict/m", Body);
            Assert.Equal(i, serving.Count("SELECT count(*) FROM gyre_predictions"));
        }
    }

    [Fact]
    public async Task Predict_Sampled_RecordsTheShareAndFeedbackSaysWhichAreNot()
    {
        await using var serving = await StartAsync(DatabaseKind.Sqlite, new LogPolicy { Sample = 0.25 });
        var rows = string.Join(',', Enumerable.Repeat(FakeScorer.Row, 400));
        var ids = Ids((await serving.PostAsync("/predict/m", $$"""{"rows":[{{rows}}]}""")).Body);
        for (var i = 0; i < 10; i++) ids.AddRange(Ids((await serving.PostAsync("/predict/m", Body)).Body));

        var (_, answer) = await serving.PostAsync("/feedback/m",
            $"[{string.Join(',', ids.Select(id => $$"""{"predictionId":"{{id}}","actual":1}"""))}]");

        var stored = serving.Count("SELECT count(*) FROM gyre_predictions");
        Assert.InRange(stored, 50, 160); // 410 × 0.25 = 102, give or take 6 standard deviations
        Assert.Equal(ids.Select(id => LogSample.Contains(id, 0.25) ? "accepted" : "unsampled"), Statuses(answer));
        Assert.Equal(stored, answer.GetProperty("accepted").GetInt32());
    }

    [Fact]
    public void Contains_ManyIds_IsTheShareAndNested()
    {
        var ids = Enumerable.Range(0, 20_000).Select(i => $"01a203ff8a6b7{i:x19}").ToList();
        foreach (var share in new[] { 0, 0.01, 0.5, 1 })
            Assert.InRange(ids.Count(id => LogSample.Contains(id, share)), 20_000 * (share - 0.02), 20_000 * (share + 0.02));
        Assert.All(ids.Where(id => LogSample.Contains(id, 0.1)), id => Assert.True(LogSample.Contains(id, 0.2)));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Predict_Redacted_RecordsEachInItsWay(DatabaseKind kind)
    {
        var redact = new Dictionary<string, Redaction>
        {
            ["temp"] = Redaction.Hash, ["hour"] = Redaction.Mask, ["weather"] = Redaction.Drop, ["holiday"] = Redaction.Hash,
        };
        await using var serving = await StartAsync(kind, new LogPolicy { Redact = redact.ToImmutableDictionary() });
        foreach (var temp in new[] { "10.5", "10.5", "11" })
        {
            var row = $$"""{"temp":{{temp}},"hour":3,"holiday":null,"weather":"clear","at":null}""";
            Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync("/predict/m", $$"""{"rows":[{{row}}]}""")).Status);
        }

        await serving.Service<PredictionLog>().FlushAsync(CancellationToken.None);
        using var connection = serving.Database.OpenConnection();
        var inputs = connection.Query("SELECT inputs FROM gyre_predictions ORDER BY prediction_id", r => r.GetString(0));
        var hashes = inputs.Select(text => JsonDocument.Parse(text).RootElement.GetProperty("temp").GetString()).ToList();
        Assert.All(hashes, hash => Assert.Matches("^hmac:[0-9a-f]{32}$", hash));
        // Ids of the same millisecond stand in no certain order.
        Assert.Equal([1, 2], hashes.CountBy(hash => hash ?? "").Select(group => group.Value).Order());
        Assert.All(inputs.Zip(hashes), pair => Assert.Equal(
            $$"""{"temp":"{{pair.Second}}","hour":"***","holiday":null,"at":null}""", pair.First));
        Assert.Equal(64, ((string)connection.Scalar("SELECT key FROM gyre_log_key")!).Length);
        Assert.Equal(
            serving.Service<LogKeyStore>().Get(), new LogKeyStore(serving.Service<TrackingDatabase>()).Get());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task DeleteOld_BlocksBeyondTheTime_GoWithTheirFeedbackAlone(DatabaseKind kind)
    {
        await using var serving = await StartAsync(kind, new LogPolicy { Keep = TimeSpan.FromDays(30) });
        var now = TimeProvider.System.GetUtcNow();
        await serving.Database.WriteAsync(connection =>
        {
            for (var day = 0; day < 200; day++)
            {
                var at = now.AddDays(-day).AddHours(1);
                var id = $"{at.ToUnixTimeMilliseconds():x12}7abcdef0123456789abc";
                PredictionBlocks.Insert(connection, day % 2 == 0 ? "m" : "other", 1, id, at, "{}", "1");
                connection.Execute("INSERT INTO gyre_feedback VALUES ($1, $2, '1', 0)", id, day % 2 == 0 ? "m" : "other");
            }
        });

        Assert.Equal(84, await serving.Service<LogRetention>().DeleteOldAsync(CancellationToken.None));

        Assert.Equal(16, serving.Count("SELECT count(*) FROM gyre_predictions WHERE model = 'm'"));
        Assert.Equal(100, serving.Count("SELECT count(*) FROM gyre_predictions WHERE model = 'other'"));
        Assert.Equal(116, serving.Count(
            "SELECT count(*) FROM gyre_feedback f JOIN gyre_predictions p ON p.prediction_id = f.prediction_id"));
        Assert.Equal(116, serving.Count("SELECT count(*) FROM gyre_feedback"));
    }

    private static List<string> Ids(JsonElement answer) => answer.TryGetProperty("predictionIds", out var ids)
        ? [.. ids.EnumerateArray().Select(id => id.GetString() ?? "")]
        : [answer.GetProperty("predictionId").GetString() ?? ""];

    private static IEnumerable<string?> Statuses(JsonElement answer) =>
        answer.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("status").GetString());

    private Task<ServingFixture> StartAsync(DatabaseKind kind, LogPolicy policy, bool strict = false) =>
        ServingFixture.StartAsync(
            options =>
            {
                options.LogPolicies = new Dictionary<string, LogPolicy> { ["m"] = policy };
                options.StrictPredictionLog = strict;
            },
            store: Databases.Of(kind, server));
}
