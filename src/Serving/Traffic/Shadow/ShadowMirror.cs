using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic.Storage;
using Microsoft.Extensions.Hosting;

namespace Gyre.Serving.Traffic.Shadow;

/// <summary>
/// Asks shadows what they would have answered, and compares. Requests are put into a short queue after their answer has
/// been sent; one thread of the lowest priority works it off. What finds the queue full is dropped, and so is what
/// waited long: then the machine has better things to do. Nothing of it is answered or recorded as a prediction.
/// Thread-safe.
/// </summary>
internal sealed class ShadowMirror(ModelSlots slots, ServingMetrics metrics) : IHostedService
{
    private const int QueueLength = 64;
    private const int MostRows = 256;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Model, long Epoch), ShadowCounters> _counters = new();

    private readonly Channel<Job> _queue = Channel.CreateBounded<Job>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private volatile bool _stopped;

    /// <summary>What was compared, by policy.</summary>
    public IReadOnlyList<((string Model, long Epoch) Policy, ShadowTotals Totals)> Read() =>
        [.. _counters.Select(pair => (pair.Key, pair.Value.Read()))];

    /// <summary>Forgets policies that ended.</summary>
    public void Forget((string Model, long Epoch) policy) => _counters.TryRemove(policy, out _);

    /// <summary>Mirrors an answered request, or drops it. Never waits.</summary>
    public void Offer(TrafficRow row, int challenger, in TrafficObservation answered)
    {
        if (answered.Inputs is not { } inputs || answered.Outputs is not { } outputs) return;
        var counters = _counters.GetOrAdd((row.Model, row.State.Epoch), static _ => new ShadowCounters());
        var job = new Job(
            counters, row.Model, challenger, inputs, outputs, answered.Compute, Stopwatch.GetTimestamp());
        if (inputs.Rows > MostRows || !_queue.Writer.TryWrite(job)) Drop(job);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        new Thread(Work) { IsBackground = true, Name = "gyre shadow" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // The thread ends by itself; a shadow that hangs must not hold up the end.
        _stopped = true;
        _queue.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private void Work()
    {
        LowPriorityThread.Lower();
        // A thread of its own, not the pool's: waiting blocks nobody, and the pool's keep their priority.
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            // What waits when the host stops is lost, as nobody waits for it.
            while (!_stopped && _queue.Reader.TryRead(out var job)) Compare(job);
            if (_stopped) return;
        }
    }

    private void Compare(in Job job)
    {
        if (Stopwatch.GetElapsedTime(job.Since) > LongestWait)
        {
            Drop(job);
            return;
        }

        try
        {
            using var hold = slots.HoldAsync(new ServedVersion(job.Model, job.Challenger), CancellationToken.None)
                .AsTask().GetAwaiter().GetResult();
            var started = Stopwatch.GetTimestamp();
            var outputs = hold.Model.Scorer.Score(job.Inputs);
            var elapsed = Stopwatch.GetElapsedTime(started);
            job.Counters.Compare(OutputDifference.Of(job.Outputs, outputs), job.Compute, elapsed);
            metrics.Compared(job.Model, "compared");
        }
        catch (Exception)
        {
            // Whatever it is, it is the shadow's, and counted as such; it must not end the thread.
            job.Counters.Fail();
            metrics.Compared(job.Model, "failed");
        }
    }

    private void Drop(in Job job)
    {
        job.Counters.Drop();
        metrics.Compared(job.Model, "dropped");
    }

    private readonly record struct Job(
        ShadowCounters Counters, string Model, int Challenger, ModelInputs Inputs, ModelOutputs Outputs,
        TimeSpan Compute, long Since);
}
