using System.Text;
using Gyre.Tracking.Search;
using static Gyre.Tracking.Search.ComparisonOperator;

namespace Gyre.Tracking.Tests.Search;

/// <summary>A searched thing in memory, and what a search should say about it: written for clarity alone.</summary>
internal sealed class Entity
{
    public required string Id { get; init; }

    public required Dictionary<string, object?> Attributes { get; init; }

    /// <summary>
    /// The points that a clause may match; the last one decides the order. NaN is a value of 0 with the flag.
    /// </summary>
    public Dictionary<string, List<(double Value, bool IsNan)>> Metrics { get; init; } = [];

    public Dictionary<string, string?> Params { get; init; } = [];

    public Dictionary<string, string?> Tags { get; init; } = [];

    public List<(string Name, string Digest, string? Context)> Datasets { get; init; } = [];

    public bool Matches(IEnumerable<Comparison> clauses) => clauses.All(Matches);

    public bool Matches(Comparison clause) => clause.Kind switch
    {
        FieldKind.Metric => Metrics.GetValueOrDefault(clause.Key, []).Any(point => Holds(clause, point.Value)),
        FieldKind.Param => Holds(clause, Params.GetValueOrDefault(clause.Key)),
        FieldKind.Tag => Holds(clause, Tags.GetValueOrDefault(clause.Key)),
        FieldKind.Dataset => Datasets.Any(dataset => Holds(clause, clause.Key switch
        {
            "name" => dataset.Name,
            "digest" => dataset.Digest,
            _ => dataset.Context,
        })),
        _ when clause.Key == "run_name" => Holds(clause, Tags.GetValueOrDefault(RunTags.RunName)),
        _ => Holds(clause, Attributes[clause.Key]),
    };

    /// <summary>Compares by the order's items; null last in both directions, NaN before null.</summary>
    public static int Compare(Entity one, Entity other, IEnumerable<Ordering> order)
    {
        foreach (var item in order)
        {
            var ((rank1, value1), (rank2, value2)) = (one.SortValue(item), other.SortValue(item));
            if (rank1 != rank2) return rank1.CompareTo(rank2);
            if (value1 is null || value2 is null) continue;
            var comparison = value1 is string text ? CompareUtf8(text, (string)value2) : CompareNumbers(value1, value2);
            if (comparison != 0) return item.Descending ? -comparison : comparison;
        }

        return 0;
    }

    private (int Rank, object? Value) SortValue(Ordering item)
    {
        if (item.Kind == FieldKind.Metric)
        {
            if (!Metrics.TryGetValue(item.Key, out var points)) return (2, null);
            return points[^1].IsNan ? (1, 0.0) : (0, points[^1].Value);
        }

        var value = item.Kind switch
        {
            FieldKind.Param => Params.GetValueOrDefault(item.Key),
            FieldKind.Tag => Tags.GetValueOrDefault(item.Key),
            _ => Attributes[item.Key],
        };
        return (value is null ? 1 : 0, value);
    }

    private static bool Holds(Comparison clause, object? value)
    {
        if (clause.Operator == IsNull) return value is null;
        if (value is null) return false;
        return clause.Operator switch
        {
            IsNotNull => true,
            In => ((string[])clause.Value!).Contains((string)value),
            NotIn => !((string[])clause.Value!).Contains((string)value),
            Like => MatchesPattern((string)value, (string)clause.Value!),
            ILike => MatchesPattern(((string)value).ToLowerInvariant(), ((string)clause.Value!).ToLowerInvariant()),
            Equal => Compare(value, clause.Value!) == 0,
            NotEqual => Compare(value, clause.Value!) != 0,
            Less => Compare(value, clause.Value!) < 0,
            LessOrEqual => Compare(value, clause.Value!) <= 0,
            Greater => Compare(value, clause.Value!) > 0,
            _ => Compare(value, clause.Value!) >= 0,
        };
    }

    private static int Compare(object value, object other) =>
        value is string text ? string.CompareOrdinal(text, (string)other) : CompareNumbers(value, other);

    private static int CompareNumbers(object value, object other) => (value, other) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b), // the whole numbers here are small
        _ => throw new InvalidOperationException($"{value.GetType()} and {other.GetType()}"),
    };

    private static int CompareUtf8(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    /// <summary>% is any text, _ any one character; nothing is escaped.</summary>
    private static bool MatchesPattern(string text, string pattern)
    {
        Rune[] letters = [.. text.EnumerateRunes()];
        bool[] reached = [true, .. new bool[letters.Length]];
        foreach (var rune in pattern.EnumerateRunes())
        {
            var next = new bool[reached.Length];
            for (var i = 0; i < reached.Length; i++)
            {
                if (rune.Value == '%') next[i] = reached[i] || (i > 0 && next[i - 1]);
                else next[i] = i > 0 && reached[i - 1] && (rune.Value == '_' || rune == letters[i - 1]);
            }

            reached = next;
        }

        return reached[^1];
    }
}
