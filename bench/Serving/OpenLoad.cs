using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Gyre.Bench.Serving;

/// <summary>
/// Requests at a constant rate. Each has its time; when all connections are busy it waits, and the wait counts, so a
/// slow server cannot slow down its own measurement (coordinated omission). One thread looks after all connections and
/// sleeps in <c>ppoll</c> between them: it shares the machine with the server. Linux only.
/// </summary>
internal sealed unsafe partial class OpenLoad : IDisposable
{
    private const short Readable = 1;

    private readonly HttpLoad[] _connections;
    private readonly PollDescriptor[] _polled;
    private readonly Stack<int> _free = new();
    private readonly int[] _request;
    private readonly long[] _sent;
    private readonly long[] _freed;
    private readonly double[] _latencies;
    private readonly double[] _lateness;
    private readonly OverloadCounts? _overload;
    private readonly long _start;
    private readonly double _interval;
    private int _answered;

    private OpenLoad(Uri address, double interval, int requests, int connections, OverloadCounts? overload)
    {
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpLoad(address))];
        _polled = new PollDescriptor[connections];
        (_request, _sent, _freed) = (new int[connections], new long[connections], new long[connections]);
        (_latencies, _lateness, _overload) = (new double[requests], new double[requests], overload);
        for (var i = connections - 1; i >= 0; i--)
        {
            _polled[i] = new PollDescriptor { Descriptor = -1, Events = Readable };
            _free.Push(i);
        }

        _interval = interval;
        _start = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 10;
    }

    /// <summary>Sends requests at a rate for a time, and waits for the last answer.</summary>
    /// <exception cref="Primitives.GyreException">
    /// An answer is not 200, and <paramref name="overload"/> does not count it.
    /// </exception>
    public static LatencySummary Run(
        Uri address, byte[] request, int rate, TimeSpan duration, int connections, OverloadCounts? overload = null)
    {
        var count = (int)(rate * duration.TotalSeconds);
        using var load = new OpenLoad(address, (double)Stopwatch.Frequency / rate, count, connections, overload);
        load.Run(request, long.MaxValue);
        return new LatencySummary(load._latencies, load._lateness);
    }

    /// <summary>
    /// Requests/s when each connection sends the next request as soon as the last is answered: the most that this
    /// generator and the server do together.
    /// </summary>
    public static double Most(Uri address, byte[] request, TimeSpan duration, int connections)
    {
        const int MostPerSecond = 200_000;
        using var load = new OpenLoad(address, 0, (int)(MostPerSecond * duration.TotalSeconds), connections, null);
        load.Run(request, load._start + (long)(duration.TotalSeconds * Stopwatch.Frequency));
        return load._answered / Stopwatch.GetElapsedTime(load._start).TotalSeconds;
    }

    public void Dispose()
    {
        foreach (var connection in _connections) connection.Dispose();
    }

    private void Run(byte[] request, long end)
    {
        for (var next = 0; ;)
        {
            while (next < _latencies.Length && _free.Count > 0 && Due(next) <= Stopwatch.GetTimestamp()
                && Stopwatch.GetTimestamp() < end) Send(request, next++);
            var isOver = next == _latencies.Length || Stopwatch.GetTimestamp() >= end;
            if (isOver && _answered == next) return;
            Wait(!isOver && _free.Count > 0 ? Due(next) - Stopwatch.GetTimestamp() : Stopwatch.Frequency);
            for (var i = 0; i < _polled.Length; i++)
            {
                if (_polled[i] is { Descriptor: >= 0, Returned: not 0 }) Receive(i);
            }
        }
    }

    private long Due(int request) => _start + (long)(request * _interval);

    private void Send(byte[] request, int number)
    {
        var at = _free.Pop();
        _sent[at] = Stopwatch.GetTimestamp();
        // What was waited for a connection is the server's.
        _lateness[number] = Stopwatch.GetElapsedTime(Math.Max(Due(number), _freed[at]), _sent[at]).TotalMilliseconds;
        _request[at] = number;
        _polled[at].Descriptor = _connections[at].Descriptor;
        _connections[at].Send(request);
    }

    private void Receive(int at)
    {
        var status = _connections[at].Receive();
        _freed[at] = Stopwatch.GetTimestamp();
        _polled[at].Descriptor = -1;
        _free.Push(at);
        _answered++;
        if (_overload is null && status != 200)
            throw Primitives.GyreException.Invalid($"The server answered {status}.");
        _overload?.Add(status, Stopwatch.GetElapsedTime(_sent[at], _freed[at]).TotalMilliseconds);
        _latencies[_request[at]] = Stopwatch.GetElapsedTime(Due(_request[at]), _freed[at]).TotalMilliseconds;
    }

    private void Wait(long ticks)
    {
        var nanoseconds = Math.Max(0, ticks) * (1_000_000_000L / Stopwatch.Frequency);
        var time = new TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        fixed (PollDescriptor* polled = _polled) _ = Poll(polled, (nuint)_polled.Length, &time, 0);
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, nint signals);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
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
    /// <summary>Several of them as one.</summary>
    public static LatencySummary Of(IReadOnlyCollection<LatencySummary> parts) =>
        new([.. parts.SelectMany(part => part.Latencies)], [.. parts.SelectMany(part => part.Lateness)]);

    private double[] Latencies => latencies;

    private double[] Lateness => lateness;

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
