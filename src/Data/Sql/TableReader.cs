using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Sql;

/// <summary>
/// Turns a stream of chunks into columns, on the calling thread: the engine's own threads decode ahead meanwhile, and a
/// thread more between the two was measured to cost more than it saves.
/// </summary>
internal static class TableReader
{
    public static Table Read(DuckDbStream stream, ColumnPlan[] plan, int expectedRows)
    {
        var readers = new ColumnReader[plan.Length];
        for (var i = 0; i < readers.Length; i++)
            readers[i] = ColumnReader.For(stream.Columns[i].Type, plan[i], expectedRows);
        while (stream.Next() is { } chunk)
        {
            using (chunk)
            {
                for (var i = 0; i < readers.Length; i++) readers[i].Append(chunk.Vector(i), chunk.RowCount);
            }
        }

        return new Table(readers.Select(reader => reader.Build()));
    }
}
