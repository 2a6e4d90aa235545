using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>How the categories of a column are distributed.</summary>
/// <param name="Names">The most frequent categories, by falling count, then by name; at most 50.</param>
/// <param name="Counts">The rows of each.</param>
/// <param name="Other">The rows of all further categories, in one bucket with those never seen.</param>
public sealed record CategoryDistribution(ImmutableArray<string> Names, ImmutableArray<double> Counts, double Other)
{
    private const int MaxNames = 50;

    [JsonIgnore]
    internal bool IsWhole => !Names.IsDefault && !Counts.IsDefault && Names.Length == Counts.Length;

    internal static CategoryDistribution Create(CategoricalColumn column)
    {
        var counts = new double[column.Categories.Count];
        foreach (var code in column.Codes)
        {
            if (code != CategoricalColumn.MissingCode) counts[code]++;
        }

        var order = Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0).OrderByDescending(i => counts[i])
            .ThenBy(i => column.Categories[i], StringComparer.Ordinal).ToArray();
        return new CategoryDistribution(
            [.. order.Take(MaxNames).Select(i => column.Categories[i])],
            [.. order.Take(MaxNames).Select(i => counts[i])],
            order.Skip(MaxNames).Sum(i => counts[i]));
    }

    /// <summary>The rows of a column by the buckets of this distribution: its names, then all others.</summary>
    internal double[] Count(CategoricalColumn column)
    {
        var bucket = new int[column.Categories.Count];
        for (var i = 0; i < bucket.Length; i++)
            bucket[i] = Names.IndexOf(column.Categories[i], StringComparer.Ordinal) is var at and >= 0 ? at : Names.Length;
        var counts = new double[Names.Length + 1];
        foreach (var code in column.Codes)
        {
            if (code != CategoricalColumn.MissingCode) counts[bucket[code]]++;
        }

        return counts;
    }
}
