using System.Collections.Immutable;

namespace Gyre.Serving.Measurements;

/// <summary>
/// What is counted of one served version, on the way of every prediction: integers in one array per stripe, so that
/// counting allocates nothing and cores seldom share a cache line. Thread-safe.
/// </summary>
internal sealed class InferenceCounters
{
    /// <summary>
    /// Upper bounds of latencies in seconds: the default ones of Prometheus' clients, which other servers use, and
    /// finer ones below, where tabular models answer.
    /// </summary>
    public static readonly ImmutableArray<double> LatencyBounds =
    [
        0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
        7.5, 10,
    ];

    /// <summary>Upper bounds of rows per executed batch.</summary>
    public static readonly ImmutableArray<double> BatchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

    // A stripe: requests by protocol and outcome, rows, then the histograms; each is its buckets and its sum.
    private static readonly int Rows = InferenceNames.ProtocolCount * InferenceNames.OutcomeCount;
    private static readonly int Total = Rows + 1;
    private static readonly int Queue = Total + LatencyBounds.Length + 2;
    private static readonly int Compute = Queue + LatencyBounds.Length + 2;
    private static readonly int Encode = Compute + LatencyBounds.Length + 2;
    private static readonly int Batch = Encode + LatencyBounds.Length + 2;
    private static readonly int Length = Batch + BatchBounds.Length + 2;

    private static readonly long[] LatencyTicks =
        [.. LatencyBounds.Select(bound => (long)Math.Round(bound * TimeSpan.TicksPerSecond))];

    private static readonly long[] BatchRows = [.. BatchBounds.Select(bound => (long)bound)];

    private readonly long[][] _stripes = NewStripes();

    /// <summary>Tells how many requests wait to be scored; null while the version is not loaded.</summary>
    public Func<int>? Waiting { get; set; }

    /// <summary>Counts a request that was answered.</summary>
    public void Answered(InferenceProtocol protocol, int rows, in PhaseTimes times)
    {
        var cells = Stripe();
        Interlocked.Increment(ref cells[RequestsAt(protocol, InferenceOutcome.Ok)]);
        Interlocked.Add(ref cells[Rows], rows);
        Observe(cells, Total, LatencyTicks, times.Total.Ticks);
        Observe(cells, Queue, LatencyTicks, times.Queue.Ticks);
        Observe(cells, Compute, LatencyTicks, times.Compute.Ticks);
        Observe(cells, Encode, LatencyTicks, times.Encode.Ticks);
    }

    /// <summary>Counts a request that ended otherwise.</summary>
    public void Ended(InferenceProtocol protocol, InferenceOutcome outcome) =>
        Interlocked.Increment(ref Stripe()[RequestsAt(protocol, outcome)]);

    /// <summary>Counts an execution of the model.</summary>
    public void BatchScored(int rows) => Observe(Stripe(), Batch, BatchRows, rows);

    /// <summary>
    /// The values of now; counts that are being added meanwhile may be in one number and not in another.
    /// </summary>
    public InferenceSnapshot Read(string model, string version)
    {
        var sums = new long[Length];
        foreach (var stripe in _stripes)
        {
            for (var i = 0; i < Length; i++) sums[i] += Volatile.Read(ref stripe[i]);
        }

        return new InferenceSnapshot(model, version, [.. sums.AsSpan(0, Rows)], sums[Rows])
        {
            Duration = Latencies(sums, Total),
            Queue = Latencies(sums, Queue),
            Compute = Latencies(sums, Compute),
            Encode = Latencies(sums, Encode),
            BatchRows = new HistogramSnapshot(BatchBounds,
                [.. sums.AsSpan(Batch, BatchBounds.Length + 1)], sums[Batch + BatchBounds.Length + 1]),
            Queued = Waiting?.Invoke() ?? 0,
        };
    }

    private static HistogramSnapshot Latencies(long[] sums, int at) => new(LatencyBounds,
        [.. sums.AsSpan(at, LatencyBounds.Length + 1)],
        sums[at + LatencyBounds.Length + 1] / (double)TimeSpan.TicksPerSecond);

    internal static int RequestsAt(InferenceProtocol protocol, InferenceOutcome outcome) =>
        (int)protocol * InferenceNames.OutcomeCount + (int)outcome;

    private static void Observe(long[] cells, int at, long[] bounds, long value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket]) bucket++;
        Interlocked.Increment(ref cells[at + bucket]);
        Interlocked.Add(ref cells[at + bounds.Length + 1], value);
    }

    private long[] Stripe() => _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)];

    private static long[][] NewStripes()
    {
        var count = (int)Math.Min(
            16, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount));
        var stripes = new long[count][];
        for (var i = 0; i < count; i++) stripes[i] = new long[Length + 8]; // the last cache line is nobody else's
        return stripes;
    }
}
