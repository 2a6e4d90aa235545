using System.Text.Json;
using Gyre.Serving.Engine;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads rows and columns in the forms of pandas and of TensorFlow Serving. Columns that the model does not have are
/// passed over, as MLflow does with a signature. One per request.
/// </summary>
internal sealed class FrameReader(InputColumns columns, RequestLimits limits)
{
    private const int PassedOver = -1;

    private readonly ColumnReader[] _readers = columns.Readers();
    private int _rows;

    /// <summary>The rows read, at least one.</summary>
    /// <exception cref="RequestRejectedException">There is none, or a column is missing.</exception>
    public ModelInputs Build()
    {
        if (_rows == 0) throw RequestRejectedException.Whole(RejectionReason.NoRows, "There are no rows.");
        return columns.Build(_readers);
    }

    /// <summary>
    /// Reads <c>[{column: value}, …]</c>, or rows of values in the model's order; the reader stands on its beginning.
    /// </summary>
    public void ReadRows(ref Utf8JsonReader json) => ReadRows(ref json, AllColumns());

    /// <summary>Reads <c>{columns?, index?, data}</c>; the reader stands on its beginning.</summary>
    public void ReadSplit(ref Utf8JsonReader json)
    {
        var order = AllColumns();
        var names = json;
        if (Find(ref names, "columns"u8)) order = ReadNames(ref names);
        FindData(ref json);
        ReadRows(ref json, order);
    }

    /// <summary>Reads <c>{column: [value, …]}</c>; the reader stands on its beginning.</summary>
    public void ReadColumns(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var index = columns.Names.IndexOf(ref json, 0);
            if (index < 0)
            {
                json.Skip();
                continue;
            }

            var reader = Unread(index);
            JsonBody.Next(ref json);
            if (json.TokenType is not JsonTokenType.StartArray) reader.Read(ref json);
            else
            {
                while (json.Read() && json.TokenType is not JsonTokenType.EndArray) ReadOne(reader, ref json);
            }
        }

        _rows = _readers.Max(reader => reader.Count);
        CheckRows();
        foreach (var reader in _readers)
        {
            if (reader.Count == 0) RequireOptional(reader);
            while (reader.Optional && reader.Count < _rows) reader.ReadAbsent();
            if (reader.Count != _rows)
            {
                throw RequestRejectedException.In(
                    RejectionReason.BadShape, reader.Name, $"{reader.Count} rows, but another column has {_rows}");
            }
        }
    }

    /// <summary>Reads rows of texts, such as those of a CSV file, under the names of its header.</summary>
    public void ReadText(IEnumerable<string[]> rows)
    {
        int[]? order = null;
        foreach (var row in rows)
        {
            if (order is null)
            {
                order = [.. row.Select(columns.Names.IndexOf)];
                RequireAll(order);
                continue;
            }

            if (row.Length != order.Length)
            {
                throw RequestRejectedException.Whole(RejectionReason.BadShape,
                    $"Row {_rows} has {row.Length} fields, the header has {order.Length}.");
            }

            for (var i = 0; i < row.Length; i++)
            {
                if (order[i] != PassedOver) TextField.Read(_readers[order[i]], columns.Schema[order[i]], row[i]);
            }

            EndRow();
        }
    }

    /// <summary>Moves to the value of <c>data</c> in an object that the reader stands on.</summary>
    public static void FindData(ref Utf8JsonReader json)
    {
        if (!Find(ref json, "data"u8))
            throw RequestRejectedException.Whole(RejectionReason.BadJson, "'dataframe_split' has no 'data'.");
    }

    /// <summary>Moves to the value of a property of an object that the reader stands on.</summary>
    public static bool Find(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        JsonBody.Expect(ref json, JsonTokenType.StartObject, "'dataframe_split' to be an object {columns, data}");
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals(name))
            {
                JsonBody.Next(ref json);
                return true;
            }

            json.Skip();
        }

        return false;
    }

    private int[] ReadNames(ref Utf8JsonReader json)
    {
        JsonBody.Expect(ref json, JsonTokenType.StartArray, "'columns' to be an array of names");
        var order = new List<int>();
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            JsonBody.Expect(ref json, JsonTokenType.String, "'columns' to be an array of names");
            order.Add(columns.Names.IndexOf(ref json, order.Count));
        }

        RequireAll([.. order]);
        return [.. order];
    }

    private void ReadRows(ref Utf8JsonReader json, int[] order)
    {
        JsonBody.Expect(ref json, JsonTokenType.StartArray, "an array of rows");
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            if (json.TokenType is JsonTokenType.StartObject) ReadRecord(ref json);
            else if (json.TokenType is JsonTokenType.StartArray && !IsImage(order)) ReadRow(ref json, order);
            else if (order.Length == 1) _readers[order[0]].Read(ref json);
            else throw RequestRejectedException.Whole(RejectionReason.BadShape, $"Row {_rows} is neither an array nor an object.");
            EndRow();
        }
    }

    private void ReadRecord(ref Utf8JsonReader json)
    {
        var next = 0;
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var index = columns.Names.IndexOf(ref json, next);
            next = index + 1;
            if (index < 0)
            {
                json.Skip();
                continue;
            }

            var reader = _readers[index];
            if (reader.Count > _rows)
                throw RequestRejectedException.At(RejectionReason.DuplicateColumn, reader.Name, _rows, "given twice");
            JsonBody.Next(ref json);
            ReadOne(reader, ref json);
        }
    }

    private void ReadRow(ref Utf8JsonReader json, int[] order)
    {
        var at = 0;
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            if (at == order.Length) throw WrongLength(order);
            if (order[at] == PassedOver) json.Skip();
            else _readers[order[at]].Read(ref json);
            at++;
        }

        if (at != order.Length) throw WrongLength(order);
    }

    // A value of a tensor of one column per row may stand in an array of its own.
    private static void ReadOne(ColumnReader reader, ref Utf8JsonReader json)
    {
        if (json.TokenType is not JsonTokenType.StartArray || reader is ImageColumnReader)
        {
            reader.Read(ref json);
            return;
        }

        JsonBody.Next(ref json);
        reader.Read(ref json);
        JsonBody.Next(ref json);
        if (json.TokenType is not JsonTokenType.EndArray)
        {
            throw RequestRejectedException.At(
                RejectionReason.BadShape, reader.Name, reader.Count - 1, "an array of more than one value");
        }
    }

    private void EndRow()
    {
        foreach (var reader in _readers)
        {
            if (reader.Count > _rows) continue;
            if (!reader.Optional)
                throw RequestRejectedException.At(RejectionReason.MissingColumn, reader.Name, _rows, "missing");
            reader.ReadAbsent();
        }

        _rows++;
        CheckRows();
    }

    private void CheckRows()
    {
        if (_rows > limits.Rows || (long)_rows * _readers.Length > limits.Elements)
            throw RequestRejectedException.Whole(RejectionReason.TooLarge, $"There are more than {limits.Rows} rows.");
    }

    private bool IsImage(int[] order) => order.Length == 1 && _readers[order[0]] is ImageColumnReader;

    private int[] AllColumns() => [.. Enumerable.Range(0, _readers.Length)];

    private ColumnReader Unread(int index) => _readers[index].Count == 0
        ? _readers[index]
        : throw RequestRejectedException.In(RejectionReason.DuplicateColumn, _readers[index].Name, "given twice");

    private void RequireAll(int[] order)
    {
        for (var i = 0; i < _readers.Length; i++)
        {
            var count = order.Count(index => index == i);
            if (count == 0) RequireOptional(_readers[i]);
            if (count > 1)
                throw RequestRejectedException.In(RejectionReason.DuplicateColumn, _readers[i].Name, "given twice");
        }
    }

    private static void RequireOptional(ColumnReader reader)
    {
        if (!reader.Optional) throw RequestRejectedException.In(RejectionReason.MissingColumn, reader.Name, "missing");
    }

    private RequestRejectedException WrongLength(int[] order) => RequestRejectedException.Whole(
        RejectionReason.BadShape, $"Row {_rows} does not have the {order.Length} values of its columns.");
}
