namespace Gyre.Serving;

/// <summary>How predictions are served and recorded.</summary>
public sealed class ServingOptions
{
    /// <summary>
    /// The longest request body, in bytes, at most 1 GiB; a longer one is answered with 400. Default 32 MiB.
    /// </summary>
    public long MaximumBodyBytes { get; set; } = 32L << 20;

    /// <summary>
    /// The most elements that all tensors of a request may have together, checked before they are read; a larger request is
    /// answered with 400. Default 16 Mi.
    /// </summary>
    public long MaximumElements { get; set; } = 16L << 20;

    /// <summary>The most rows of a request, each of which is recorded; more are answered with 400. Default 100 000.</summary>
    public int MaximumRows { get; set; } = 100_000;

    /// <summary>The most rows of a request for explanations; more are answered with 400. Default 1000.</summary>
    public int MaximumExplainedRows { get; set; } = 1000;

    /// <summary>
    /// Whether a prediction's record is committed before its answer leaves. Off by default: the record then follows the
    /// answer by at most 50 ms.
    /// </summary>
    public bool StrictPredictionLog { get; set; }

    /// <summary>How long records are gathered into one commit when nobody waits for it. Default 15 ms.</summary>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>
    /// How many records may wait to be written; a request that finds the queue full waits for a place. A request of
    /// many rows takes one place per 16 rows. Default 4096.
    /// </summary>
    public int LogQueueLength { get; set; } = 4096;

    /// <summary>
    /// How long a request waits for a place in the full queue, or under <see cref="StrictPredictionLog"/> for the
    /// commit, before it is answered with 503. Default 10 s.
    /// </summary>
    public TimeSpan LogTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the registry is asked for champions that another process set. At most 250 ms; default 200 ms.
    /// </summary>
    public TimeSpan RegistryPollInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How many refused requests a second are written to gyre_rejections; the others are only counted. Default 20.
    /// </summary>
    public int RejectionsLoggedPerSecond { get; set; } = 20;

    /// <summary>How many refused requests gyre_rejections keeps; older ones are removed. Default 50 000.</summary>
    public int RejectionsKept { get; set; } = 50_000;

    /// <summary>
    /// How many rows of requests may wait for one model version to be scored; a request beyond is answered with 503.
    /// Default 4096.
    /// </summary>
    public int QueueRows { get; set; } = 4096;

    /// <summary>
    /// How long a request may wait to be scored, from its arrival; one that waited, or would wait, longer is answered with
    /// 503. Default 1 s.
    /// </summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The memory that loaded model versions may take, in bytes; those that were not asked for the longest are unloaded
    /// first, and loaded again when they are asked for. Default half of what the process may use.
    /// </summary>
    public long ModelMemoryBytes { get; set; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>
    /// How many champions are loaded before anyone asks for them; the others are loaded with their first request.
    /// Default 32.
    /// </summary>
    public int PreloadedModels { get; set; } = 32;

    /// <summary>
    /// A prediction that takes longer than this, from arrival to answer, is told in the log. Default 250 ms;
    /// <see cref="Timeout.InfiniteTimeSpan"/> tells none.
    /// </summary>
    public TimeSpan SlowPrediction { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often traffic policies under way are looked at. Above 0; default 1 s.</summary>
    public TimeSpan TrafficInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What the prediction log keeps, by model; of other models everything. Not changed once serving has begun. Default
    /// none.
    /// </summary>
    public IReadOnlyDictionary<string, LogPolicy> LogPolicies { get; set; } = new Dictionary<string, LogPolicy>();

    /// <summary>The alias whose version is served. Default <c>champion</c>.</summary>
    public string Alias { get; set; } = "champion";

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBodyBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumBodyBytes, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumElements, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumExplainedRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogQueueLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CommitInterval, TimeSpan.FromMilliseconds(50));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RegistryPollInterval, TimeSpan.FromMilliseconds(250));
        ArgumentOutOfRangeException.ThrowIfLessThan(RejectionsLoggedPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RejectionsKept, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(QueueTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ModelMemoryBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PreloadedModels, 0);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TrafficInterval, TimeSpan.Zero);
        ArgumentException.ThrowIfNullOrWhiteSpace(Alias);
        foreach (var policy in LogPolicies.Values) policy.Validate();
    }

    /// <summary>What a request may hold.</summary>
    internal Requests.RequestLimits Limits => new(MaximumElements, MaximumRows);
}
