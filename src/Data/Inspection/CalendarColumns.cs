using System.Collections.Immutable;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>
/// Finds columns that only repeat what the time column says: month, weekday, season. Their distribution within a short
/// window differs from that of a year by nature, so watching them for drift would raise alarms for ever.
/// </summary>
internal static class CalendarColumns
{
    /// <summary>Fewer rows per value of a calendar part prove nothing: with one row a day every column is a function of the day.</summary>
    private const int MinimumRowsPerPart = 10;

    private static readonly string[] _parts = ["hour", "dayofweek", "month", "dayofyear", "year"];

    public static ImmutableArray<string> Find(
        SqlEngine engine, string table, Schema schema, string? time, string? target, long rows, CancellationToken cancellationToken)
    {
        if (time is null) return [];
        var columns = schema.Where(c => c.Name != time && c.Name != target &&
            c.Type is ColumnType.Integer or ColumnType.Boolean or ColumnType.Categorical).ToList();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in _parts)
        {
            var moment = $"{part}({SqlText.Name(time)})";
            var left = columns.Where(c => !found.Contains(c.Name)).ToList();
            if (left.Count == 0) break;
            var counts = left.Select((c, i) => $"count(DISTINCT ({moment}, {SqlText.Name(c.Name)})) AS n{i}");
            var answer = engine.Query(
                $"SELECT count(DISTINCT {moment}) AS parts, {string.Join(", ", counts)} FROM {table} WHERE {SqlText.Name(time)} IS NOT NULL",
                types: null, cancellationToken);
            var parts = (long)(answer.Columns[0].ValueAt(0) ?? 0L);
            if (parts * MinimumRowsPerPart > rows) continue;
            for (var i = 0; i < left.Count; i++)
                if (answer.Columns[i + 1].ValueAt(0) is long pairs && pairs == parts) found.Add(left[i].Name);
        }

        return [.. schema.Select(c => c.Name).Where(found.Contains)];
    }
}
