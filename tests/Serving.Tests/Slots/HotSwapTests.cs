using System.Collections.Concurrent;
using System.Net;
using Gyre.Fixtures;
using Gyre.Serving.Slots;
using Gyre.Tracking;

namespace Gyre.Serving.Tests.Slots;

public sealed class HotSwapTests
{
    private const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";

    [Fact]
    public async Task Promote_UnderLoad_FailsNoRequestAndDisposesEveryOldVersion()
    {
        var loaded = new ConcurrentQueue<FakeScorer>();
        await using var serving = await ServingFixture.StartAsync();
        serving.Load = _ =>
        {
            var scorer = new FakeScorer { Offset = loaded.Count + 1 };
            loaded.Enqueue(scorer);
            return scorer;
        };
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(() => LoadAsync(serving, stop.Token))).ToArray();
        for (var i = 0; i < 25; i++) await serving.PromoteAsync();
        await stop.CancelAsync();
        var answers = (await Task.WhenAll(clients)).SelectMany(a => a).ToList();

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, answer => Assert.Equal(21 + answer.Version - 1, answer.Value)); // never a mix of two versions
        Assert.True(answers.Select(a => a.Version).Distinct().Count() > 3);
        await Eventually.HoldsAsync(() => loaded.Count(scorer => !scorer.IsDisposed) == 1);
        Assert.DoesNotContain(loaded, scorer => scorer.WasMisused);
    }

    [Fact]
    public async Task Promote_RequestUnderWay_EndsOnTheOldVersionWhichIsDisposedThen()
    {
        using var gate = new ManualResetEventSlim(true);
        var old = new FakeScorer { Gate = gate };
        await using var serving = await ServingFixture.StartAsync(model: old);
        gate.Reset();
        var request = serving.PostAsync("/predict/m", Body);
        await Eventually.HoldsAsync(() => old.IsScoring);
        serving.Load = _ => new FakeScorer { Offset = 100 };
        await serving.PromoteAsync();

        Assert.Equal(121, (await serving.PostAsync("/predict/m", Body)).Body.GetProperty("predictions")[0].GetDouble());
        Assert.False(old.IsDisposed);
        gate.Set();
        var (status, answer) = await request;
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(1, answer.GetProperty("version").GetInt32());
        await Eventually.HoldsAsync(() => old.IsDisposed);
        Assert.False(old.WasMisused);
    }

    [Fact]
    public async Task Promote_VersionThatCannotBeLoaded_KeepsTheOldOneAndIsNotReady()
    {
        await using var serving = await ServingFixture.StartAsync();
        serving.Load = _ => throw new InvalidOperationException("broken package");
        await serving.PromoteAsync();

        Assert.Equal(1, serving.Slots.VersionOf("m"));
        Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync("/predict/m", Body)).Status);
        using var ready = await serving.Client.GetAsync(new Uri(serving.Address, "/v2/health/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
    }

    [Fact]
    public async Task Rollback_ByAnotherProcess_IsServedWithinTheLimit()
    {
        await using var serving = await ServingFixture.StartAsync();
        await serving.PromoteAsync();
        Assert.Equal(2, serving.Slots.VersionOf("m"));

        // A second database object on the same file raises no event in the first one's registry, as another process would not.
        using var other = TrackingDatabase.Open(serving.Database.Path);
        var registry = new ModelRegistry(other, serving.Service<ArtifactStore>(), TimeProvider.System);
        await registry.RollbackAsync("m", ModelAliases.Champion);
        await Eventually.HoldsAsync(() => serving.Slots.VersionOf("m") == 1);

        await registry.RemoveAliasAsync("m", ModelAliases.Champion);
        await Eventually.HoldsAsync(() => serving.Slots.VersionOf("m") is null);
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/predict/m", Body)).Status);
    }

    private static async Task<List<(HttpStatusCode Status, int Version, double Value)>> LoadAsync(
        ServingFixture serving, CancellationToken cancellationToken)
    {
        var answers = new List<(HttpStatusCode, int, double)>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var (status, answer) = await serving.PostAsync("/predict/m", Body);
            answers.Add(status == HttpStatusCode.OK
                ? (status, answer.GetProperty("version").GetInt32(), answer.GetProperty("predictions")[0].GetDouble())
                : (status, 0, 0));
        }

        return answers;
    }
}
