using Gyre.Data.Sources;
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
}
