using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Gyre.Bench.Serving;

/// <summary>
/// Requests at a constant rate. Each has its time; when all connections are busy it waits, and the wait counts, so a
/// slow server cannot slow down its own measurement (coordinated omission).
/// </summary>
internal static class OpenLoad
{
    public static LatencySummary Run(
        Uri address, byte[] request, int rate, TimeSpan duration, int connections, OverloadCounts? overload = null)
    {
        var count = (int)(rate * duration.TotalSeconds);
        var latencies = new double[count];
        var lateness = new double[count];
        using var due = new BlockingCollection<int>();
        var interval = (double)Stopwatch.Frequency / rate;
        var start = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 10;
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() =>
        {
            using var connection = new HttpLoad(address);
            foreach (var i in due.GetConsumingEnumerable())
            {
                var planned = start + (long)(i * interval);
                lateness[i] = Stopwatch.GetElapsedTime(planned).TotalMilliseconds;
                var sent = Stopwatch.GetTimestamp();
                if (overload is null) connection.Exchange(request);
                else overload.Add(connection.Ask(request), Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                latencies[i] = Stopwatch.GetElapsedTime(planned).TotalMilliseconds;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        for (var i = 0; i < count; i++)
        {
            WaitUntil(start + (long)(i * interval));
            due.Add(i);
        }

        due.CompleteAdding();
        threads.ForEach(thread => thread.Join());
        return new LatencySummary(latencies, lateness);
    }

    // A sleep overshoots by up to a tenth of a millisecond; the rest is spent giving way to whoever wants the core.
    private static void WaitUntil(long timestamp)
    {
        while (true)
        {
            var left = (timestamp - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
            if (left <= 0) return;
            if (left > 1.2) Thread.Sleep(1);
            else Thread.Yield();
        }
    }
}

/// <summary>What became of requests that were more than the server could answer. Thread-safe.</summary>
internal sealed class OverloadCounts
{
    private int _other;

    /// <summary>Milliseconds of those that were answered.</summary>
    public ConcurrentQueue<double> Answered { get; } = new();

    /// <summary>Milliseconds of those that were turned away with 503.</summary>
    public ConcurrentQueue<double> Refused { get; } = new();

    /// <summary>Answers of another status.</summary>
    public int Other => _other;

    public void Add(int status, double milliseconds)
    {
        if (status == 200) Answered.Enqueue(milliseconds);
        else if (status == 503) Refused.Enqueue(milliseconds);
        else Interlocked.Increment(ref _other);
    }

    public static double Quantile(IReadOnlyCollection<double> values, double share) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, (int)(share * values.Count)));
}

/// <summary>Quantiles of latencies in milliseconds, and how late the generator itself was.</summary>
internal sealed class LatencySummary(double[] latencies, double[] lateness)
{
    public double At(double share) => Quantile(latencies, share);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"p50 {At(0.5):F2} ms, p90 {At(0.9):F2} ms, p99 {At(0.99):F2} ms, p99.9 {At(0.999):F2} ms, max {At(1):F2} ms "
        + $"({latencies.Length} requests; the generator's own lateness p99 {Quantile(lateness, 0.99):F2} ms)");

    private static double Quantile(double[] values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
