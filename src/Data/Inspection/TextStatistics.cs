using System.Globalization;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;

namespace Gyre.Data.Inspection;

/// <summary>Counts over a column as text, from which its type is inferred.</summary>
/// <param name="Column">The column.</param>
/// <param name="Filled">Rows with any text.</param>
/// <param name="Present">Rows with a value, the words for "missing" aside.</param>
/// <param name="Distinct">Different values among those present.</param>
/// <param name="Numbers">Present values that are finite numbers.</param>
/// <param name="Wholes">Present values that are whole numbers of 64 bits, written without point or exponent.</param>
/// <param name="Codes">Present values like `007`: digits that mean something as text.</param>
/// <param name="Booleans">Present values `true` or `false`.</param>
/// <param name="Times">Present values that are ISO dates or timestamps.</param>
/// <param name="Words">Present values that are no number and hold no digit.</param>
/// <param name="MeanSpaces">Spaces per value.</param>
/// <param name="MeanLength">Characters per value.</param>
internal sealed record TextStatistics(
    SourceColumn Column, long Filled, long Present, long Distinct, long Numbers, long Wholes, long Codes, long Booleans,
    long Times, long Words, double MeanSpaces, double MeanLength)
{
    private const int ColumnsAtOnce = 200;
    private const int Aggregates = 11;

    public static List<TextStatistics> Query(
        SqlEngine engine, string table, IReadOnlyList<SourceColumn> columns, CancellationToken cancellationToken)
    {
        var statistics = new List<TextStatistics>(columns.Count);
        foreach (var batch in columns.Chunk(ColumnsAtOnce))
        {
            var answer = engine.Query(
                $"SELECT {string.Join(", ", batch.Select(Select))} FROM {table}", types: null, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                var first = i * Aggregates;
                long Count(int offset) => (long)(answer.Columns[first + offset].ValueAt(0) ?? 0L);
                double Mean(int offset) => (double)(answer.Columns[first + offset].ValueAt(0) ?? 0.0);
                statistics.Add(new TextStatistics(
                    batch[i], Count(0), Count(1), Count(2), Count(3), Count(4), Count(5), Count(6), Count(7), Count(8),
                    Mean(9), Mean(10)));
            }
        }

        return statistics;
    }

    private static string Select(SourceColumn column, int position)
    {
        var text = TypedSql.Text(column);
        var present = TypedSql.Present(column);
        var asText = new SourceColumn(column.Name, SourceColumn.Text);
        var number = $"{TypedSql.Value(column with { SqlType = column.SqlType }, Tabular.ColumnType.Numeric)} IS NOT NULL";
        string[] aggregates =
        [
            $"count({SqlText.Name(column.Name)})",
            $"count_if({present})",
            $"count(DISTINCT CASE WHEN {present} THEN {text} END)",
            $"count_if({present} AND {number})",
            $"count_if({present} AND TRY_CAST({text} AS BIGINT) IS NOT NULL AND NOT contains({text}, '.') AND NOT contains(lower({text}), 'e'))",
            $"count_if({present} AND starts_with(ltrim({text}), '0') AND length(trim({text})) > 1 AND TRY_CAST({text} AS BIGINT) IS NOT NULL AND NOT contains({text}, '.'))",
            $"count_if({present} AND lower(trim({text})) IN ('true', 'false'))",
            $"count_if({present} AND TRY_CAST({text} AS TIMESTAMPTZ) IS NOT NULL)",
            $"count_if({present} AND NOT ({number}) AND NOT regexp_matches({text}, '[0-9]'))",
            $"coalesce(avg(length({text}) - length(replace({text}, ' ', ''))), 0)::DOUBLE",
            $"coalesce(avg(length({text})), 0)::DOUBLE",
        ];
        return string.Join(", ", aggregates.Select((sql, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{sql} AS c{position}_{i}")));
    }
}
