using System.Net;
using Gyre.Serving.Recording;
using Gyre.Tracking.Tests;
using Microsoft.Data.Sqlite;

namespace Gyre.Serving.Tests.Recording;

[Collection(PostgresTests.Name)]
public sealed class PredictionLogTests(PostgresServer server)
{
    private const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";

    [Fact]
    public async Task Predict_StrictLog_IsCommittedWhenAnswered()
    {
        await using var serving = await ServingFixture.StartAsync(options => options.StrictPredictionLog = true);
        for (var i = 1; i <= 20; i++)
        {
            await serving.PostAsync("/predict/m", Body);
            Assert.Equal(i, serving.Count("SELECT count(*) FROM gyre_predictions"));
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Predict_ManyRows_AllAreRecordedInOrder(DatabaseKind kind)
    {
        await using var serving = await ServingFixture.StartAsync(store: Databases.Of(kind, server));
        var rows = string.Join(',', Enumerable.Repeat(FakeScorer.Row, 1000));
        await serving.PostAsync("/predict/m", $$"""{"rows":[{{rows}}]}""");
        await serving.Service<PredictionLog>().FlushAsync(CancellationToken.None);
        Assert.Equal(1000, serving.Count("SELECT count(DISTINCT row_index) FROM gyre_predictions"));
    }

    [Fact]
    public async Task Predict_DatabaseLocked_WaitsThenRefusesAndLosesNothingAnswered()
    {
        await using var serving = await ServingFixture.StartAsync(options =>
            (options.LogQueueLength, options.LogTimeout) = (8, TimeSpan.FromMilliseconds(300)));
        var answered = 0;
        using (var locker = new SqliteConnection($"Data Source={serving.Database.Path};Pooling=False"))
        {
            locker.Open();
            using var begin = locker.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            // The queue takes 8 and the writer holds what it took before it met the lock; then requests are refused.
            var refused = 0;
            for (var i = 0; i < 40 && refused < 2; i++)
            {
                var (status, _) = await serving.PostAsync("/predict/m", Body);
                if (status == HttpStatusCode.OK) answered++;
                else
                {
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
                    refused++;
                }
            }

            Assert.Equal(2, refused);
            Assert.InRange(answered, 8, 20);
        }

        await serving.Service<PredictionLog>().FlushAsync(CancellationToken.None);
        Assert.Equal(answered, serving.Count("SELECT count(*) FROM gyre_predictions"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Stop_RecordsWaiting_DrainsThem(DatabaseKind kind)
    {
        await using var serving = await ServingFixture.StartAsync(
            options => options.CommitInterval = TimeSpan.FromMilliseconds(50), store: Databases.Of(kind, server));
        for (var i = 0; i < 50; i++) await serving.PostAsync("/predict/m", Body);
        await serving.StopAsync();
        Assert.Equal(50, serving.Count("SELECT count(*) FROM gyre_predictions"));
    }
}
