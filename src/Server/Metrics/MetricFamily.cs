using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gyre.Server.Metrics;

/// <summary>What an instrument becomes.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value of the moment.</summary>
    Gauge,

    /// <summary>A distribution over fixed buckets.</summary>
    Histogram,
}

/// <summary>An instrument and its series, one per set of labels. Thread-safe.</summary>
internal sealed class MetricFamily
{
    private static readonly double[] DefaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<LabelSet, MetricSeries> _series = new(LabelSet.Comparer.Instance);
    private readonly ConcurrentDictionary<LabelSet, MetricSeries>
        .AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byLabels;
    private readonly double[] _buckets;
    private readonly bool _adds;

    public MetricFamily(Instrument instrument)
    {
        (Kind, _adds) = KindOf(instrument);
        Name = NameOf(instrument, Kind);
        Help = instrument.Description ?? "";
        IsObservable = instrument.IsObservable;
        _buckets = Kind is not MetricKind.Histogram ? []
            : (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBuckets;
        _byLabels = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    public bool IsObservable { get; }

    /// <summary>The series, sorted by their labels.</summary>
    public IEnumerable<(string Labels, MetricSeries Series)> Series =>
        _series.Select(entry => (entry.Key.Text, entry.Value)).OrderBy(entry => entry.Text, StringComparer.Ordinal);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!_byLabels.TryGetValue(labels, out var series))
        {
            // What a concurrent Forget removes at once is counted for nobody.
            series = new MetricSeries(_buckets);
            if (!_byLabels.TryAdd(labels, series) && _byLabels.TryGetValue(labels, out var other)) series = other;
        }

        if (Kind is MetricKind.Histogram) series.Observe(value);
        else if (_adds) series.Add(value);
        else series.Set(value);
    }

    /// <summary>Drops the series that carry a label.</summary>
    public void Forget(string label, string value)
    {
        foreach (var labels in _series.Keys)
        {
            if (labels.Has(label, value)) _series.TryRemove(labels, out _);
        }
    }

    /// <summary>Forgets observed values, so that what is no longer observed is no longer shown.</summary>
    public void Clear() => _series.Clear();

    private static (MetricKind Kind, bool Adds) KindOf(Instrument instrument) =>
        instrument.GetType().GetGenericTypeDefinition() is var type
        && type == typeof(Counter<>) ? (MetricKind.Counter, true)
        : type == typeof(ObservableCounter<>) ? (MetricKind.Counter, false)
        : type == typeof(Histogram<>) ? (MetricKind.Histogram, true)
        : (MetricKind.Gauge, type == typeof(UpDownCounter<>));

    // Prometheus' conventions: underscores, the base unit as a suffix, counters end in _total.
    private static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return name + unit + (kind is MetricKind.Counter ? "_total" : "");
    }
}

/// <summary>The values of one series. Thread-safe.</summary>
internal sealed class MetricSeries(double[] buckets)
{
    private readonly long[] _counts = new long[buckets.Length + 1];
    private double _value;

    /// <summary>The counter's or gauge's value; the histogram's sum.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>The upper bounds of a histogram's buckets.</summary>
    public ReadOnlySpan<double> Buckets => buckets;

    /// <summary>How many observations fell into each bucket; the last bucket has no upper bound.</summary>
    public long[] Counts()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = Interlocked.Read(ref _counts[i]);
        return counts;
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value)
    {
        var seen = Volatile.Read(ref _value);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _value, seen + value, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }

    public void Observe(double value)
    {
        var bucket = Array.BinarySearch(buckets, value);
        Interlocked.Increment(ref _counts[bucket < 0 ? ~bucket : bucket]);
        Add(value);
    }
}
