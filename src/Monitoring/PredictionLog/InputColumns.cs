using System.Text;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Collects the columns of a schema from JSON objects, one per row, without making objects of their values.
/// </summary>
internal sealed class InputColumns
{
    private readonly ColumnCollector[] _columns;
    private readonly byte[][] _names;
    private byte[] _buffer = new byte[1024];

    public InputColumns(Schema schema)
    {
        // Of an image the log keeps a hash only: there is nothing to collect.
        var collected = schema.Where(column => column.Type != ColumnType.Image).ToArray();
        _columns = [.. collected.Select(ColumnCollector.Create)];
        _names = [.. collected.Select(column => Encoding.UTF8.GetBytes(column.Name))];
    }

    /// <summary>Values that did not fit their column's type.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Appends a row. Names outside the schema are passed over; absent ones are missing.</summary>
    public void Append(string json)
    {
        var needed = Encoding.UTF8.GetMaxByteCount(json.Length);
        if (_buffer.Length < needed) _buffer = new byte[needed];
        var reader = new Utf8JsonReader(_buffer.AsSpan(0, Encoding.UTF8.GetBytes(json, _buffer)));
        foreach (var column in _columns) column.BeginRow();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
        // Serving writes the columns in one order, so the next name is most often the next column.
        for (var guess = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
        {
            var at = Find(ref reader, guess);
            reader.Read();
            if (at < 0) reader.Skip();
            else
            {
                if (!_columns[at].TryRead(ref reader)) Unreadable++;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) reader.Skip();
                guess = at + 1;
            }
        }
    }

    public Table ToTable() => new(_columns.Select(column => column.ToColumn()));

    private int Find(ref Utf8JsonReader reader, int guess)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            var at = (guess + i) % _names.Length;
            if (reader.ValueTextEquals(_names[at])) return at;
        }

        return -1;
    }
}
