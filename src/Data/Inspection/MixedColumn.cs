using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Says where a column of numbers holds a word.</summary>
internal static class MixedColumn
{
    public static GyreException Error(SqlEngine engine, SourceRelation relation, TextStatistics s)
    {
        var wrong = TypedSql.DoesNotFit(s.Column, ColumnType.Numeric);
        var answer = engine.Query($"""
            SELECT row, {TypedSql.Text(s.Column)} AS text FROM (SELECT row_number() OVER () AS row, * FROM ({relation.Sql}))
            WHERE {wrong} AND NOT regexp_matches({TypedSql.Text(s.Column)}, '[0-9]') LIMIT 1
            """);
        var row = (long)(answer.Columns[0].ValueAt(0) ?? 0L);
        var text = answer.Columns[1].ValueAt(0) as string ?? "";
        var place = relation.Files is [{ Format: SourceFormat.Csv } only]
            ? $"{only.Path}, line {row + 1}"
            : $"{string.Join(", ", relation.Files.Select(f => f.Path))}, row {row}";
        return GyreException.Invalid(
            $"{place}: column '{s.Column.Name}' mixes types: '{text}' is no number, as {s.Numbers} of {s.Present} values are");
    }
}
