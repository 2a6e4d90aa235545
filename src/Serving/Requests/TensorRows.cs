using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Requests;

/// <summary>
/// Makes tensors of rows, as MLflow's <c>onnx</c> flavor does of a data frame: the only tensor of a model from all
/// columns side by side, each of several from the column of its name. A cell is a scalar, or an array where the tensor
/// has more dimensions. The rows are written anew as one JSON array per tensor, which is then read like any other. One
/// per request.
/// </summary>
internal sealed class TensorRows
{
    private readonly InputTensors _inputs;
    private readonly RequestLimits _limits;
    private readonly ArrayBufferWriter<byte>[] _arrays;

    // Per tensor the column that fills it; empty when all fill the only one.
    private readonly int[] _sources;
    private readonly int _columns;
    private int _rows;

    /// <param name="inputs">What the model takes.</param>
    /// <param name="limits">What a request may hold.</param>
    /// <param name="columns">The names of the columns, in the order of the cells.</param>
    /// <exception cref="RequestRejectedException">A tensor cannot be made of these.</exception>
    public TensorRows(InputTensors inputs, RequestLimits limits, IReadOnlyList<string> columns)
    {
        (_inputs, _limits, _columns) = (inputs, limits, columns.Count);
        _sources = inputs.Tensors.Length == 1 ? [] : [.. inputs.Tensors.Select(tensor => SourceOf(tensor, columns))];
        _arrays = [.. inputs.Tensors.Select(_ => new ArrayBufferWriter<byte>())];
        foreach (var array in _arrays) array.Write("["u8);
    }

    /// <summary>Adds a row of JSON values, one per column.</summary>
    /// <param name="body">The request.</param>
    /// <param name="cells">Where its values stand in the body.</param>
    /// <exception cref="RequestRejectedException">There are too many rows.</exception>
    public void Add(ReadOnlySpan<byte> body, ReadOnlySpan<Range> cells)
    {
        if (++_rows > _limits.Rows || (long)_rows * _columns > _limits.Elements)
            throw RequestRejectedException.Whole(RejectionReason.TooLarge, $"There are more than {_limits.Rows} rows.");
        if (_sources.Length == 0 && cells.Length != 1) AddSideBySide(body, cells);
        else if (_sources.Length == 0) AddCell(0, body[cells[0]]);
        else
        {
            for (var i = 0; i < _sources.Length; i++) AddCell(i, body[cells[_sources[i]]]);
        }
    }

    /// <summary>Adds a row of texts, such as CSV has them, one per column.</summary>
    /// <exception cref="RequestRejectedException">There are too many rows.</exception>
    public void Add(string[] fields)
    {
        var row = new ArrayBufferWriter<byte>();
        var cells = new Range[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var start = row.WrittenCount;
            var tensor = _sources.Length == 0 ? 0 : Array.IndexOf(_sources, i);
            if (tensor >= 0) row.Write(Json(fields[i], _inputs.Tensors[tensor].Datatype));
            cells[i] = start..row.WrittenCount;
        }

        Add(row.WrittenSpan, cells);
    }

    /// <summary>The tensors; nothing may be added afterwards.</summary>
    /// <exception cref="RequestRejectedException">They are not what the model takes.</exception>
    public ModelInputs Build()
    {
        if (_rows == 0) throw RequestRejectedException.Whole(RejectionReason.NoRows, "There are no rows.");
        var collector = new TensorCollector(_inputs, _limits);
        for (var i = 0; i < _arrays.Length; i++)
        {
            _arrays[i].Write("]"u8);
            var json = JsonBody.Open(_arrays[i].WrittenSpan);
            JsonBody.Next(ref json);
            var header = TensorHeader.Of(collector.Names[i], i, _inputs.Tensors[i].Datatype, json);
            header.Available = _arrays[i].WrittenCount;
            collector.Add(i, ref header, ref json);
        }

        return collector.Build();
    }

    private static int SourceOf(InputTensor tensor, IReadOnlyList<string> columns)
    {
        if (tensor.Shape.IsEmpty)
        {
            throw RequestRejectedException.In(RejectionReason.BadShape, tensor.Name,
                "one value for all rows, which rows cannot carry: send 'inputs' {name: value}");
        }

        var found = -1;
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] != tensor.Name) continue;
            if (found >= 0)
                throw RequestRejectedException.In(RejectionReason.DuplicateColumn, tensor.Name, "given twice");
            found = i;
        }

        return found >= 0 ? found
            : throw RequestRejectedException.In(RejectionReason.MissingColumn, tensor.Name, "missing");
    }

    private void AddSideBySide(ReadOnlySpan<byte> body, ReadOnlySpan<Range> cells)
    {
        Separate(_arrays[0]);
        for (var i = 0; i < cells.Length; i++)
        {
            _arrays[0].Write(i == 0 ? "["u8 : ","u8);
            _arrays[0].Write(body[cells[i]]);
        }

        _arrays[0].Write("]"u8);
    }

    private void AddCell(int tensor, ReadOnlySpan<byte> cell)
    {
        Separate(_arrays[tensor]);
        // [rows, 1] is what converters declare for a column.
        var isWrapped = _inputs.Tensors[tensor].Shape.Length == 2 && cell is not [(byte)'[', ..];
        if (isWrapped) _arrays[tensor].Write("["u8);
        _arrays[tensor].Write(cell);
        if (isWrapped) _arrays[tensor].Write("]"u8);
    }

    private static void Separate(ArrayBufferWriter<byte> array)
    {
        if (array.WrittenCount > 1) array.Write(","u8);
    }

    private static ReadOnlySpan<byte> Json(string field, TensorDatatype datatype)
    {
        if (datatype.Kind is TensorKind.Bytes) return JsonEncodedText(field);
        if (field.Length == 0) return "null"u8;
        if (datatype.Kind is TensorKind.Bool && bool.TryParse(field, out var truth)) return truth ? "true"u8 : "false"u8;
        if (decimal.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return Encoding.UTF8.GetBytes(whole.ToString(CultureInfo.InvariantCulture));
        return double.TryParse(field, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? Encoding.UTF8.GetBytes(number.ToString("R", CultureInfo.InvariantCulture)) : JsonEncodedText(field);
    }

    private static ReadOnlySpan<byte> JsonEncodedText(string text) => JsonSerializer.SerializeToUtf8Bytes(text);
}
