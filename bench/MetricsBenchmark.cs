using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Gyre.Serving.Measurements;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Bench;

/// <summary>
/// What counting one answered prediction costs: by Serving's own counters, and by labelled instruments with a listener
/// that keeps each series by its labels, as an exposition over <c>System.Diagnostics.Metrics</c> does. Each in
/// nanoseconds and bytes per prediction, on one thread and on all cores. Option: predictions per turn (default 2 000 000).
/// </summary>
internal static class MetricsBenchmark
{
    private const int Turns = 5;

    public static int Run(string[] args)
    {
        var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2_000_000;
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var own = new CountedPrediction();
        using var labelled = new LabelledPrediction(meters);
        foreach (var threads in new[] { 1, Environment.ProcessorCount })
        {
            Measure($"own counters, {threads} threads", count, threads, own.Count);
            Measure($"labelled instruments, {threads} threads", count, threads, labelled.Count);
        }

        return 0;
    }

    private static void Measure(string name, int count, int threads, Action action)
    {
        Turn(Math.Max(1, count / 10), threads, action);
        var best = Enumerable.Range(0, Turns).Select(_ => Turn(count, threads, action)).MinBy(turn => turn.Nanoseconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {best.Nanoseconds:F0} ns, {best.Bytes:F1} bytes per prediction"));
    }

    // CPU time per prediction: the wall time of each thread, which has a core of its own on a quiet machine.
    private static (double Nanoseconds, double Bytes) Turn(int count, int threads, Action action)
    {
        var allocated = 0L;
        var started = Stopwatch.GetTimestamp();
        var running = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < count; i++) action();
            Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        })).ToList();
        running.ForEach(thread => thread.Start());
        running.ForEach(thread => thread.Join());
        return (Stopwatch.GetElapsedTime(started).TotalNanoseconds / count, (double)allocated / count / threads);
    }
}

/// <summary>One prediction in the counters that each loaded version has.</summary>
internal sealed class CountedPrediction
{
    private static readonly PhaseTimes Times = new(
        TimeSpan.FromMicroseconds(400), TimeSpan.Zero, TimeSpan.FromMicroseconds(120), TimeSpan.FromMicroseconds(40));

    private readonly InferenceCounters _counters = new();

    public void Count()
    {
        _counters.BatchScored(1);
        _counters.Answered(InferenceProtocol.OipRest, 1, Times);
    }
}

/// <summary>The same numbers as labelled measurements, each looked up by its labels.</summary>
internal sealed class LabelledPrediction : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Counter<long> _requests;
    private readonly Counter<long> _rows;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _phases;
    private readonly Histogram<int> _batches;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(string, string, string, string), long[]> _series = new();

    public LabelledPrediction(IMeterFactory meters)
    {
        var meter = meters.Create("Gyre.Bench");
        _requests = meter.CreateCounter<long>("requests");
        _rows = meter.CreateCounter<long>("rows");
        _duration = meter.CreateHistogram<double>("duration");
        _phases = meter.CreateHistogram<double>("phases");
        _batches = meter.CreateHistogram<int>("batches");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Gyre.Bench") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((i, _, labels, _) => Count(i, labels));
        _listener.SetMeasurementEventCallback<int>((i, _, labels, _) => Count(i, labels));
        _listener.SetMeasurementEventCallback<double>((i, _, labels, _) => Count(i, labels));
        _listener.Start();
    }

    public void Count()
    {
        _batches.Record(1, new("model", "m"), new KeyValuePair<string, object?>("version", "1"));
        _requests.Add(1, new("model", "m"), new("version", "1"), new KeyValuePair<string, object?>("outcome", "ok"));
        _rows.Add(1, new("model", "m"), new KeyValuePair<string, object?>("version", "1"));
        _duration.Record(0.0004, new("model", "m"), new KeyValuePair<string, object?>("version", "1"));
        RecordPhase("queue");
        RecordPhase("compute");
        RecordPhase("encode");
    }

    public void Dispose() => _listener.Dispose();

    private void RecordPhase(string phase) => _phases.Record(
        0.0001, new("model", "m"), new("version", "1"), new KeyValuePair<string, object?>("phase", phase));

    private void Count(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var third = labels.Length > 2 ? (string)labels[2].Value! : ""; // all labels here are text
        var key = (instrument.Name, (string)labels[0].Value!, (string)labels[1].Value!, third); // as above
        Interlocked.Increment(ref _series.GetOrAdd(key, _ => new long[1])[0]);
    }
}
