using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gyre.Server.Metrics;

/// <summary>
/// The labels of one series. Compared as given: an instrument is always used with one order of labels.
/// </summary>
internal sealed class LabelSet
{
    private readonly KeyValuePair<string, object?>[] _labels;

    private LabelSet(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        _labels = labels.ToArray();
        Text = Write(_labels);
    }

    /// <summary>
    /// As in the exposition, without braces: <c>model="bike",reason="too-large"</c>; empty without labels.
    /// </summary>
    public string Text { get; }

    /// <summary>Whether it has a label of this value.</summary>
    public bool Has(string name, string value) =>
        _labels.Any(label => label.Key == name && label.Value as string == value);

    private static string Write(KeyValuePair<string, object?>[] labels)
    {
        var shown = labels.Select(l => (l.Key, Convert.ToString(l.Value, CultureInfo.InvariantCulture) ?? ""));
        return ExpositionWriter.Labels([.. shown]);
    }

    /// <summary>Finds a set by a span of labels, so that a measurement allocates nothing.</summary>
    public sealed class Comparer
        : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, LabelSet>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(LabelSet? x, LabelSet? y) => x is null ? y is null : y is not null && Equals(x._labels, y);

        public int GetHashCode([DisallowNull] LabelSet set) => GetHashCode(set._labels);

        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> labels, LabelSet other)
        {
            if (labels.Length != other._labels.Length) return false;
            for (var i = 0; i < labels.Length; i++)
            {
                var (name, value) = other._labels[i];
                if (labels[i].Key != name || !Equals(labels[i].Value, value)) return false;
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            var hash = 0;
            foreach (var (name, value) in labels) hash = HashCode.Combine(hash, name, value);
            return hash;
        }

        public LabelSet Create(ReadOnlySpan<KeyValuePair<string, object?>> labels) => new(labels);
    }
}
