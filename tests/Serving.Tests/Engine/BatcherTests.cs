using System.Diagnostics;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Engine;

public sealed class BatcherTests
{
    private static readonly Arrival Now = new(Stopwatch.GetTimestamp() + Stopwatch.Frequency * 3600, default, default);

    [Fact]
    public async Task ScoreAsync_RequestsWhileOneRuns_AreJoinedAndEachGetsItsOwnRows()
    {
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate };
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);

        var others = Enumerable.Range(1, 300)
            .Select(i => batcher.ScoreAsync(i % 3 == 0 ? Row(i, i + 1000) : Row(i), Now, CancellationToken.None).AsTask())
            .ToArray();
        gate.Set();
        await first;

        for (var i = 1; i <= others.Length; i++)
        {
            var outputs = (await others[i - 1]).Outputs;
            Assert.Equal(i % 3 == 0 ? 2 : 1, outputs.Rows);
            Assert.Equal($"{2 * i}", JoiningScorer.Text(outputs, 0));
            if (i % 3 == 0) Assert.Equal($"{2 * (i + 1000)}", JoiningScorer.Text(outputs, 1));
        }

        Assert.Contains(scorer.Runs, rows => rows > 8);
        Assert.All(scorer.Runs, rows => Assert.True(rows <= Batcher.MostRows + 1));
        Assert.Equal(0, batcher.QueuedRows);
    }

    [Fact]
    public async Task ScoreAsync_NothingElseRuns_IsScoredByTheCaller()
    {
        var scorer = new JoiningScorer();
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        for (var i = 0; i < 20; i++)
        {
            var scored = batcher.ScoreAsync(Row(i), Now, CancellationToken.None);
            Assert.True(scored.IsCompleted);
            await scored;
        }

        Assert.All(scorer.Runs, rows => Assert.Equal(1, rows));
    }

    [Fact]
    public async Task ScoreAsync_WorkWaitsForThreads_JoinsEvenWhenNothingRuns()
    {
        var scorer = new JoiningScorer();
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => true);
        var scored = batcher.ScoreAsync(Row(3), Now, CancellationToken.None);
        Assert.Equal("6", JoiningScorer.Text((await scored).Outputs, 0));
        Assert.Equal(0, batcher.QueuedRows);
    }

    [Fact]
    public async Task ScoreAsync_QueueIsFull_IsTurnedAwayAndTheOthersAreAnswered()
    {
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate };
        var batcher = new Batcher(scorer, new ServingOptions { QueueRows = 10 }, joins: true, isBusy: () => false);
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);
        // Runs for the queue wait at the gate too: only what is still queued counts.
        var accepted = new List<Task<Scored>>();
        GyreException? refusal = null;
        while (refusal is null && accepted.Count < 10_000)
        {
            try
            {
                accepted.Add(batcher.ScoreAsync(Row(accepted.Count), Now, CancellationToken.None).AsTask());
            }
            catch (GyreException failure)
            {
                refusal = failure;
            }
        }

        Assert.Equal(ErrorCode.Unavailable, refusal?.Code);
        Assert.NotNull(refusal?.RetryAfter);
        gate.Set();
        await first;
        for (var i = 0; i < accepted.Count; i++)
            Assert.Equal($"{2 * i}", JoiningScorer.Text((await accepted[i]).Outputs, 0));
    }

    [Fact]
    public async Task ScoreAsync_ClientHasGone_CostsNoRun()
    {
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate };
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        using var gone = new CancellationTokenSource();
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);
        // The first of these is taken at once and waits at the gate; those behind it are still in the queue.
        var taken = batcher.ScoreAsync(Row(1), Now, CancellationToken.None).AsTask();
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 2);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => batcher.ScoreAsync(Row(2), Now, gone.Token).AsTask());
        gate.Set();
        await Task.WhenAll(first, taken);

        Assert.Equal(2, scorer.Runs.Count);
    }

    [Fact]
    public async Task ScoreAsync_OneRequestOfABatchFails_TheOthersAreAnswered()
    {
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate, Poison = 7 };
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);
        var others = Enumerable.Range(1, 20)
            .Select(i => batcher.ScoreAsync(Row(i), Now, CancellationToken.None).AsTask()).ToArray();
        gate.Set();
        await first;

        for (var i = 1; i <= others.Length; i++)
        {
            var task = others[i - 1];
            if (i == 7) await Assert.ThrowsAsync<GyreException>(() => task);
            else Assert.Equal($"{2 * i}", JoiningScorer.Text((await task).Outputs, 0));
        }
    }

    [Fact]
    public async Task Execute_ByMoreThreadsThanProcessors_RunsNoMoreThanThese()
    {
        var most = Environment.ProcessorCount;
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate };
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);
        var others = Enumerable.Range(1, Batcher.MostRows * (most + 4))
            .Select(i => batcher.ScoreAsync(Row(i), Now, CancellationToken.None).AsTask()).ToArray();

        var returned = 0;
        var threads = Enumerable.Range(0, most + 8).Select(_ => new Thread(() =>
        {
            ((IThreadPoolWorkItem)batcher).Execute();
            Interlocked.Increment(ref returned);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        await Eventually.HoldsAsync(() => Volatile.Read(ref returned) >= threads.Count - (most - 1));
        Assert.InRange(scorer.Runs.Count, 1, most);

        gate.Set();
        threads.ForEach(thread => thread.Join());
        await first;
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task ScoreAsync_WouldBeTooLate_IsTurnedAway()
    {
        using var gate = new ManualResetEventSlim();
        var scorer = new JoiningScorer { Gate = gate };
        var batcher = new Batcher(scorer, new ServingOptions(), joins: true, isBusy: () => false);
        var first = Task.Run(() => batcher.ScoreAsync(Row(0), Now, CancellationToken.None).AsTask());
        await Eventually.HoldsAsync(() => scorer.Runs.Count == 1);
        var old = new Arrival(Stopwatch.GetTimestamp() - 2 * Stopwatch.Frequency, default, default);

        var failure = await Assert.ThrowsAsync<GyreException>(
            () => batcher.ScoreAsync(Row(1), old, CancellationToken.None).AsTask());
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
        gate.Set();
        await first;
    }

    private static TableInputs Row(params double[] temps) => new(new Table(
        [new Column<double>("temp", ColumnType.Numeric, temps)]));
}
