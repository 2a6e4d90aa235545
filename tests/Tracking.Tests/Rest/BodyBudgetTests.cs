using Gyre.Tracking.Rest;

namespace Gyre.Tracking.Tests.Rest;

public sealed class BodyBudgetTests
{
    [Fact]
    public async Task TakeAsync_NoRoom_WaitsInTurn()
    {
        var budget = new BodyBudget(100);
        Assert.Equal(60, await budget.TakeAsync(60, default));
        var large = budget.TakeAsync(70, default).AsTask();
        var small = budget.TakeAsync(10, default).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted); // a small one does not overtake

        budget.Release(60);
        Assert.Equal(70, await large);
        Assert.Equal(10, await small);
    }

    [Fact]
    public async Task TakeAsync_LongerThanAll_HasItAlone()
    {
        var budget = new BodyBudget(100);
        Assert.Equal(100, await budget.TakeAsync(1000, default));
        var next = budget.TakeAsync(1, default).AsTask();
        Assert.False(next.IsCompleted);
        budget.Release(100);
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task TakeAsync_FirstGivesUp_LetsTheNextIn()
    {
        var budget = new BodyBudget(100);
        await budget.TakeAsync(50, default);
        using var source = new CancellationTokenSource();
        var first = budget.TakeAsync(80, source.Token).AsTask();
        var second = budget.TakeAsync(40, default).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(40, await second.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Post_MoreBodiesThanFitAtOnce_AllAreAnswered()
    {
        await using var server = await RestFixture.StartAsync();
        var body = $$"""{"name": "{{new string('x', 3 << 20)}}"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            _ => server.SendAsync(HttpMethod.Post, "2.0/mlflow/experiments/create", body)));
        Assert.All(
            answers, answer => Assert.Contains("INVALID_PARAMETER_VALUE", answer.Text, StringComparison.Ordinal));
    }
}
