using System.Collections.Concurrent;
using System.Net;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Tests.Slots;

public sealed class ModelSlotsTests
{
    private const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";
    private const string Tensors = """
        {"inputs":[{"name":"temp","shape":[1],"datatype":"FP64","data":[10.5]},
        {"name":"hour","shape":[1],"datatype":"INT64","data":[3]},
        {"name":"holiday","shape":[1],"datatype":"BOOL","data":[false]},
        {"name":"weather","shape":[1],"datatype":"BYTES","data":["clear"]},
        {"name":"at","shape":[1],"datatype":"INT64","data":[0]}]}
        """;

    [Fact]
    public async Task Infer_AVersionThatIsNotChampion_IsLoadedWithItsFirstRequest()
    {
        var loads = 0;
        await using var serving = await ServingFixture.StartAsync();
        serving.Load = _ => new FakeScorer { Offset = 100 * Interlocked.Increment(ref loads) };
        await serving.PromoteAsync(); // version 2, offset 100
        Assert.Equal(1, loads);

        var first = serving.PostAsync("/v2/models/m/versions/1/infer", Tensors);
        var answers = await Task.WhenAll(first, serving.PostAsync("/v2/models/m/versions/1/infer", Tensors));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, answer => Assert.Equal("1", answer.Body.GetProperty("model_version").GetString()));
        Assert.Equal(2, loads); // once for both
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/v2/models/m/versions/3/infer", Tensors)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/v2/models/m/versions/x/infer", Tensors)).Status);
    }

    [Fact]
    public async Task Load_BeyondTheMemoryForModels_UnloadsTheOneNotAskedForTheLongest()
    {
        var loaded = new ConcurrentDictionary<FakeScorer, bool>();
        await using var serving = await ServingFixture.StartAsync(options => options.ModelMemoryBytes = 250);
        serving.Load = _ =>
        {
            var scorer = new FakeScorer { SizeBytes = 100 };
            loaded[scorer] = true;
            return scorer;
        };
        var models = await RegisterAsync(serving, 5);

        foreach (var model in models.Concat(models))
            Assert.Equal(HttpStatusCode.OK, (await serving.PostAsync($"/predict/{model}", Body)).Status);

        Assert.True(serving.Slots.LoadedBytes <= 250);
        Assert.Equal(2, loaded.Keys.Count(scorer => !scorer.IsDisposed));
        Assert.DoesNotContain(loaded.Keys, scorer => scorer.WasMisused);
        Assert.Contains(new ServedVersion(models[^1], 1), serving.Slots.Loaded);
        Assert.Equal(6, serving.Slots.Served.Count); // all are still served
    }

    [Fact]
    public async Task Start_ManyModels_LoadsSomeAndTheOthersWhenAskedFor()
    {
        await using var serving = await ServingFixture.StartAsync(options => options.PreloadedModels = 3);
        var models = await RegisterAsync(serving, 6);
        // A follower that starts finds all champions at once.
        using var fresh = new ServerStart(serving);
        await fresh.Follower.RefreshAsync(CancellationToken.None);

        Assert.Equal(7, fresh.Slots.Served.Count);
        Assert.Equal(3, fresh.Slots.Loaded.Count);
        Assert.True(fresh.Follower.IsReady);
        foreach (var model in models) await fresh.Slots.EnsureLoadedAsync(model, 1, CancellationToken.None);
        Assert.Superset(models.ToHashSet(), fresh.Slots.Loaded.Select(loaded => loaded.Model).ToHashSet());
    }

    [Fact]
    public async Task Promote_VersionThatCannotBeLoaded_SaysWhyInReadinessAndRaisesOneAlert()
    {
        await using var serving = await ServingFixture.StartAsync();
        var failures = new ConcurrentQueue<LoadFailure>();
        serving.Slots.LoadFailed += failures.Enqueue;
        serving.Load = _ => throw new InvalidOperationException("broken package");
        await serving.PromoteAsync();
        await serving.Service<ChampionFollower>().RefreshAsync(CancellationToken.None);

        var ready = await serving.Client.GetAsync(new Uri(serving.Address, "/v2/health/ready"));
        var text = await ready.Content.ReadAsStringAsync();
        Assert.Contains("\"failures\":[{\"model\":\"m\",\"version\":2,\"reason\":\"broken package\"}]", text);
        Assert.Equal([new LoadFailure("m", 2, "broken package")], failures);
    }

    [Fact]
    public async Task Acquire_PackagesOfTheSameBytes_ShareOneScorer()
    {
        using var folder = new Fixtures.TemporaryFolder();
        foreach (var (name, bytes) in new[] { ("a", "x"), ("b", "x"), ("c", "y") })
        {
            Directory.CreateDirectory(folder.File(name));
            await File.WriteAllTextAsync(Path.Combine(folder.File(name), "model.onnx"), bytes);
        }

        var loads = 0;
        var pool = new ScorerPool(_ =>
        {
            loads++;
            return new FakeScorer();
        });
        var (a, b, c) = (pool.Acquire(folder.File("a")), pool.Acquire(folder.File("b")), pool.Acquire(folder.File("c")));

        Assert.Same(a.Value, b.Value);
        Assert.NotSame(a.Value, c.Value);
        Assert.Equal(2, loads);
        a.Release();
        Assert.False(((FakeScorer)b.Value).IsDisposed);
        b.Release();
        Assert.True(((FakeScorer)b.Value).IsDisposed);
        Assert.NotSame(b.Value, pool.Acquire(folder.File("b")).Value); // a disposed one is never given out
    }

    private static async Task<string[]> RegisterAsync(ServingFixture serving, int count)
    {
        var models = Enumerable.Range(0, count).Select(i => $"tenant-{i}").ToArray();
        foreach (var model in models) await serving.PromoteAsync(model);
        return models;
    }
}
