using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gyre.Serving.Engine;

namespace Gyre.Serving.Requests;

/// <summary>Reads data frames for models that take tensors.</summary>
/// <param name="inputs">What the model takes.</param>
/// <param name="limits">What a request may hold.</param>
internal readonly struct TensorFrames(InputTensors inputs, RequestLimits limits)
{
    /// <summary>Reads <c>[{column: value}, …]</c>; the first record says which columns there are.</summary>
    /// <param name="json">Stands on the beginning.</param>
    /// <param name="body">What the reader reads.</param>
    /// <exception cref="RequestRejectedException">They are not what the model takes.</exception>
    public ModelInputs ReadRecords(ref Utf8JsonReader json, ReadOnlySpan<byte> body)
    {
        JsonBody.Expect(ref json, JsonTokenType.StartArray, "an array of records");
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var cells = new List<Range>();
        TensorRows? rows = null;
        for (var row = 0; json.Read() && json.TokenType is not JsonTokenType.EndArray; row++)
        {
            JsonBody.Expect(ref json, JsonTokenType.StartObject, "an array of records {column: value}");
            if (rows is null)
            {
                var first = json;
                rows = new TensorRows(inputs, limits, ReadNames(ref first, names));
            }

            ReadRecord(ref json, names, cells, row);
            rows.Add(body, CollectionsMarshal.AsSpan(cells));
        }

        return (rows ?? new TensorRows(inputs, limits, [.. inputs.Tensors.Select(tensor => tensor.Name)])).Build();
    }

    /// <summary>Reads <c>{columns, data}</c>.</summary>
    /// <param name="json">Stands on the beginning.</param>
    /// <param name="body">What the reader reads.</param>
    /// <exception cref="RequestRejectedException">They are not what the model takes.</exception>
    public ModelInputs ReadSplit(ref Utf8JsonReader json, ReadOnlySpan<byte> body)
    {
        List<string> names = [.. inputs.Tensors.Select(tensor => tensor.Name)];
        var columns = json;
        if (FrameReader.Find(ref columns, "columns"u8)) names = Texts(ref columns);
        FrameReader.FindData(ref json);
        JsonBody.Expect(ref json, JsonTokenType.StartArray, "an array of rows");
        var rows = new TensorRows(inputs, limits, names);
        var cells = new List<Range>();
        for (var row = 0; json.Read() && json.TokenType is not JsonTokenType.EndArray; row++)
        {
            JsonBody.Expect(ref json, JsonTokenType.StartArray, "an array of rows");
            cells.Clear();
            while (json.Read() && json.TokenType is not JsonTokenType.EndArray) cells.Add(Cell(ref json));
            if (cells.Count != names.Count) throw WrongLength(row, names.Count);
            rows.Add(body, CollectionsMarshal.AsSpan(cells));
        }

        return rows.Build();
    }

    /// <summary>Reads rows of texts under the names of the first.</summary>
    /// <exception cref="RequestRejectedException">They are not what the model takes.</exception>
    public ModelInputs ReadText(IEnumerable<string[]> lines)
    {
        TensorRows? rows = null;
        var (row, columns) = (0, 0);
        foreach (var line in lines)
        {
            if (rows is null) (rows, columns) = (new TensorRows(inputs, limits, line), line.Length);
            else if (line.Length != columns) throw WrongLength(row, columns);
            else rows.Add(line);
            row++;
        }

        return rows?.Build() ?? throw RequestRejectedException.Whole(RejectionReason.NoRows, "There are no rows.");
    }

    private static List<string> ReadNames(ref Utf8JsonReader json, Dictionary<string, int> positions)
    {
        var names = new List<string>();
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var name = json.GetString()!; // a property name is never null
            if (!positions.TryAdd(name, names.Count))
                throw RequestRejectedException.At(RejectionReason.DuplicateColumn, name, 0, "given twice");
            names.Add(name);
            json.Skip();
        }

        return names;
    }

    private static List<string> Texts(ref Utf8JsonReader json)
    {
        const string Wanted = "'columns' to be an array of names";
        var names = new List<string>();
        JsonBody.Expect(ref json, JsonTokenType.StartArray, Wanted);
        while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
        {
            // A frame without names numbers its columns.
            if (json.TokenType is not JsonTokenType.Number) JsonBody.Expect(ref json, JsonTokenType.String, Wanted);
            names.Add(json.TokenType is JsonTokenType.Number
                ? json.GetDouble().ToString(CultureInfo.InvariantCulture) : json.GetString()!); // a string has text
        }

        return names;
    }

    private static void ReadRecord(
        ref Utf8JsonReader json, Dictionary<string, int> names, List<Range> cells, int row)
    {
        CollectionsMarshal.SetCount(cells, names.Count);
        CollectionsMarshal.AsSpan(cells).Clear();
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var name = json.GetString()!; // a property name is never null
            if (!names.TryGetValue(name, out var at))
            {
                throw RequestRejectedException.At(RejectionReason.UnknownColumn,
                    RequestRejectedException.Shorten(name), row, "the first record has no such column");
            }

            if (cells[at].End.Value > 0)
                throw RequestRejectedException.At(RejectionReason.DuplicateColumn, name, row, "given twice");
            JsonBody.Next(ref json);
            cells[at] = Cell(ref json);
        }

        foreach (var (name, at) in names)
        {
            if (cells[at].End.Value == 0)
                throw RequestRejectedException.At(RejectionReason.MissingColumn, name, row, "missing");
        }
    }

    private static Range Cell(ref Utf8JsonReader json)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return start..(int)json.BytesConsumed;
    }

    private static RequestRejectedException WrongLength(int row, int columns) => RequestRejectedException.Whole(
        RejectionReason.BadShape, $"Row {row} does not have the {columns} values of its columns.");
}
