using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Counts over a column, from which its type is inferred. Those that the type does not need are 0.</summary>
/// <param name="Column">The column.</param>
/// <param name="Present">Rows with a value, the words for "missing" aside.</param>
/// <param name="Distinct">Different values among those present.</param>
internal sealed record TextStatistics(SourceColumn Column, long Present, long Distinct)
{
    /// <summary>Present values that are finite numbers.</summary>
    public long Numbers { get; init; }

    /// <summary>Present values that are whole numbers of 64 bits, written without point or exponent.</summary>
    public long Wholes { get; init; }

    /// <summary>Present values like `007`: digits that mean something as text.</summary>
    public long Codes { get; init; }

    /// <summary>Present values `true` or `false`.</summary>
    public long Booleans { get; init; }

    /// <summary>Present values that are ISO dates or timestamps.</summary>
    public long Times { get; init; }

    /// <summary>Present values that are no number and hold no digit.</summary>
    public long Words { get; init; }

    /// <summary>Spaces per value.</summary>
    public double MeanSpaces { get; init; }

    /// <summary>Counts in two passes: the second looks only at what the first left open.</summary>
    public static IReadOnlyList<TextStatistics> Query(
        SqlEngine engine, string table, IReadOnlyList<SourceColumn> columns, long rows,
        CancellationToken cancellationToken)
    {
        var first = ColumnAggregates.Query(engine, table, columns.Select(column => First(column, rows)), cancellationToken);
        var statistics = columns.Select((column, i) => new TextStatistics(column, Count(first[i][0]), Count(first[i][1]))
        {
            Numbers = first[i].Length > 2 ? Count(first[i][2]) : 0,
            MeanSpaces = first[i].Length > 2 ? (double)(first[i][3] ?? 0.0) : 0,
        }).ToArray();
        var open = Enumerable.Range(0, statistics.Length)
            .Where(i => statistics[i].Present > 0 && columns[i].SqlType == SourceColumn.Text).ToList();
        var second = ColumnAggregates.Query(engine, table, open.Select(i => Second(statistics[i])), cancellationToken);
        for (var k = 0; k < open.Count; k++) statistics[open[k]] = statistics[open[k]].With(second[k]);
        return statistics;
    }

    private static string[] First(SourceColumn column, long rows)
    {
        var name = SqlText.Name(column.Name);
        var present = TypedSql.Present(column);
        if (column.SqlType != SourceColumn.Text)
            return [$"count_if({present})", ColumnAggregates.CountDistinct($"CASE WHEN {present} THEN {name} END", rows)];
        return
        [
            $"count_if({present})",
            ColumnAggregates.CountDistinct($"CASE WHEN {present} THEN {name} END", rows),
            $"count_if({present} AND ({TypedSql.Value(column, ColumnType.Numeric)}) IS NOT NULL)",
            $"coalesce(avg(length({name}) - length(replace({name}, ' ', ''))), 0)::DOUBLE",
        ];
    }

    private bool AreNumbers => Numbers == Present;

    private static string[] Second(TextStatistics s)
    {
        var text = SqlText.Name(s.Column.Name);
        var present = TypedSql.Present(s.Column);
        var whole = $"{present} AND TRY_CAST({text} AS BIGINT) IS NOT NULL AND NOT contains({text}, '.')";
        if (s.AreNumbers)
        {
            return
            [
                $"count_if({whole} AND NOT contains(lower({text}), 'e'))",
                $"count_if({whole} AND starts_with(ltrim({text}), '0') AND length(trim({text})) > 1)",
            ];
        }

        var wrong = TypedSql.DoesNotFit(s.Column, ColumnType.Numeric);
        return
        [
            $"count_if({whole} AND starts_with(ltrim({text}), '0') AND length(trim({text})) > 1)",
            $"count_if({present} AND lower(trim({text})) IN ('true', 'false'))",
            $"count_if({present} AND TRY_CAST({text} AS TIMESTAMPTZ) IS NOT NULL)",
            $"count_if(CASE WHEN {wrong} THEN NOT regexp_matches({text}, '[0-9]') ELSE false END)",
        ];
    }

    private TextStatistics With(object?[] second) => AreNumbers
        ? this with { Wholes = Count(second[0]), Codes = Count(second[1]) }
        : this with
        {
            Codes = Count(second[0]), Booleans = Count(second[1]), Times = Count(second[2]), Words = Count(second[3]),
        };

    private static long Count(object? value) => (long)(value ?? 0L);
}
