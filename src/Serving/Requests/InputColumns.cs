using System.Text;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Serving.Requests;

/// <summary>A model's input schema prepared for reading requests. Immutable, thread-safe.</summary>
/// <param name="schema">The columns.</param>
/// <param name="optional">The column that a request may leave out; null when there is none.</param>
internal sealed class InputColumns(Schema schema, string? optional = null)
{
    // Utf8JsonReader compares property names with UTF-8 without making a string.
    private readonly byte[][] _names = [.. schema.Select(column => Encoding.UTF8.GetBytes(column.Name))];

    /// <summary>The model's columns.</summary>
    public Schema Schema => schema;

    /// <summary>Readers for one request, in schema order.</summary>
    public ColumnReader[] CreateReaders()
    {
        var readers = new ColumnReader[schema.Count];
        for (var i = 0; i < readers.Length; i++)
        {
            readers[i] = ColumnReader.Create(schema[i]);
            readers[i].Optional = schema[i].Name == optional;
        }

        return readers;
    }

    /// <summary>
    /// The position of the column whose name the reader stands on, or -1. Clients mostly keep one order, so
    /// <paramref name="expected"/> is tried first.
    /// </summary>
    public int IndexOf(ref Utf8JsonReader json, int expected)
    {
        if (expected < _names.Length && json.ValueTextEquals(_names[expected])) return expected;
        return schema.IndexOf(json.GetString()!); // a property name is never null
    }

    /// <summary>The position of the column of a name in UTF-8, or -1; tried first as above.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int expected)
    {
        if (expected < _names.Length && name.SequenceEqual(_names[expected])) return expected;
        return schema.IndexOf(Encoding.UTF8.GetString(name));
    }

    /// <summary>The table that the readers collected.</summary>
    public Table Build(ColumnReader[] readers)
    {
        var columns = new Column[readers.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = readers[i].Build();
        return new Table(schema, columns);
    }
}
