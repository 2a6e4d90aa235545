using System.Globalization;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Snapshots;

/// <summary>Writes down the values that do not fit their column's type.</summary>
internal static class RejectList
{
    private const int ColumnsAtOnce = 100;

    /// <summary>Writes `row`, `column`, `text` to a Parquet file, or removes it when every value fits.</summary>
    public static void Write(
        SqlEngine engine, SourceRelation relation, Schema schema, string path, CancellationToken cancellationToken)
    {
        var suspects = Suspects(engine, relation, schema, cancellationToken);
        if (suspects.Count == 0)
        {
            File.Delete(path);
            return;
        }

        var pairs = suspects.Select(s => $$"""
            CASE WHEN {{TypedSql.DoesNotFit(s.Column, s.Type)}}
            THEN {'column': {{SqlText.Literal(s.Column.Name)}}, 'text': {{TypedSql.Text(s.Column)}}} END
            """);
        var temporary = DurableFile.TemporaryBeside(path);
        try
        {
            ParquetFile.Write(engine, $"""
                SELECT row, reject."column" AS "column", reject."text" AS "text" FROM (
                  SELECT row, unnest(list_filter([{string.Join(", ", pairs)}], pair -> pair IS NOT NULL)) AS reject
                  FROM (SELECT row_number() OVER () AS row, * FROM ({relation.Sql})))
                """, temporary, new Dictionary<string, string>(), cancellationToken);
            DurableFile.Flush(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static List<(SourceColumn Column, ColumnType Type)> Suspects(
        SqlEngine engine, SourceRelation relation, Schema schema, CancellationToken cancellationToken)
    {
        var columns = relation.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var candidates = schema.Select(c => (Column: columns[c.Name], c.Type))
            .Where(c => !TypedSql.AlwaysFits(c.Column, c.Type));
        var suspects = new List<(SourceColumn, ColumnType)>();
        foreach (var batch in candidates.Chunk(ColumnsAtOnce))
        {
            var checks = batch.Select((c, i) =>
                string.Create(CultureInfo.InvariantCulture, $"bool_or({TypedSql.DoesNotFit(c.Column, c.Type)}) AS c{i}"));
            var answer = engine.QuerySmall(
                $"SELECT {string.Join(", ", checks)} FROM ({relation.Sql})", cancellationToken);
            suspects.AddRange(batch.Where((_, i) => answer.Columns[i].ValueAt(0) is true));
        }

        return suspects;
    }
}
