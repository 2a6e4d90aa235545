using System.Globalization;
using Gyre.Data.Sql;

namespace Gyre.Data.Inspection;

/// <summary>Computes aggregates of many columns in few passes.</summary>
internal static class ColumnAggregates
{
    private const long FewRows = 10_000;

    // Planning grows faster than the number of aggregates: many small queries are quicker than one.
    private const int AggregatesAtOnce = 100;

    /// <summary>Counts different values; over few rows by a list, whose set-up costs less than a hash table's.</summary>
    public static string CountDistinct(string expression, long rows) =>
        rows <= FewRows ? $"len(list_distinct(list({expression})))" : $"count(DISTINCT {expression})";

    /// <summary>For each list of SQL aggregates, their values in the same order.</summary>
    public static List<object?[]> Query(
        SqlEngine engine, string table, IEnumerable<string[]> aggregates, CancellationToken cancellationToken)
    {
        var values = new List<object?[]>();
        var pending = new List<string[]>();
        var count = 0;
        foreach (var list in aggregates)
        {
            if (count > 0 && count + list.Length > AggregatesAtOnce)
            {
                values.AddRange(Run(engine, table, pending, cancellationToken));
                pending.Clear();
                count = 0;
            }

            pending.Add(list);
            count += list.Length;
        }

        if (count > 0) values.AddRange(Run(engine, table, pending, cancellationToken));
        return values;
    }

    private static IEnumerable<object?[]> Run(
        SqlEngine engine, string table, List<string[]> lists, CancellationToken cancellationToken)
    {
        var selects = lists.SelectMany(list => list)
            .Select((sql, i) => string.Create(CultureInfo.InvariantCulture, $"{sql} AS a{i}"));
        var answer = engine.QuerySmall($"SELECT {string.Join(", ", selects)} FROM {table}", cancellationToken);
        var next = 0;
        foreach (var list in lists)
            yield return [.. list.Select(_ => answer.Columns[next++].ValueAt(0))];
    }
}
