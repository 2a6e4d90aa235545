using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>Reads rows of a source as they are written, without a snapshot: for commands that pass rows on.</summary>
public static class SourceReader
{
    /// <summary>Reads a source into memory, in file order.</summary>
    /// <param name="source">The files.</param>
    /// <param name="limit">At most this many rows; null for all.</param>
    /// <param name="cancellationToken">Interrupts the reading.</param>
    /// <returns>Columns of CSV and JSON lines as text, those of Parquet in their own types.</returns>
    /// <exception cref="GyreException">A file is unreadable.</exception>
    public static Table Read(SourceDefinition source, int? limit, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine();
        var relation = SourceRelation.Open(engine, SourceFiles.Resolve(engine, source), cancellationToken);
        var sql = limit is { } rows ? $"SELECT * FROM ({relation.Sql}) LIMIT {rows}" : relation.Sql;
        return SourceError.Translate(relation.Files, () => engine.Query(sql, types: null, cancellationToken));
    }

    /// <summary>Reads the columns of a schema, each as its type, in file order.</summary>
    /// <param name="source">The files.</param>
    /// <param name="schema">The columns wanted; others are not read.</param>
    /// <param name="cancellationToken">Interrupts the reading.</param>
    /// <exception cref="GyreException">
    /// A file is unreadable, a column is absent, or a value does not fit its column's type: names the row.
    /// </exception>
    public static Table ReadAs(SourceDefinition source, Schema schema, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine();
        var relation = SourceRelation.Open(engine, SourceFiles.Resolve(engine, source), cancellationToken, schema);
        ImageRelation.Check(engine, relation, schema, cancellationToken);
        var columns = schema.Select(wanted => (Wanted: wanted, Found: relation.Find(wanted.Name))).ToList();
        var select = string.Join(", ", columns.Select(c => $"{TypedSql.Value(c.Found, c.Wanted.Type)} AS {SqlText.Name(c.Wanted.Name)}"));
        return SourceError.Translate(relation.Files, () =>
        {
            foreach (var (wanted, found) in columns.Where(c => !TypedSql.AlwaysFits(c.Found, c.Wanted.Type)))
                RefuseMisfit(engine, relation, wanted, found, cancellationToken);
            return engine.Query($"SELECT {select} FROM ({relation.Sql})", schema, cancellationToken);
        });
    }

    private static void RefuseMisfit(
        SqlEngine engine, SourceRelation relation, ColumnDefinition wanted, SourceColumn found, CancellationToken cancellationToken)
    {
        var first = engine.QuerySmall($"""
            SELECT row, {TypedSql.Text(found)} AS text FROM (SELECT *, row_number() OVER () AS row FROM ({relation.Sql}))
            WHERE {TypedSql.DoesNotFit(found, wanted.Type)} ORDER BY row LIMIT 1
            """, cancellationToken);
        if (first.RowCount == 0) return;
        throw GyreException.Invalid(
            $"{relation.Files[0].Path}: column '{wanted.Name}', row {first.Columns[0].ValueAt(0)}: '{first.Columns[1].ValueAt(0)}' is not "
            + wanted.Type.ToString().ToLowerInvariant());
    }
}
