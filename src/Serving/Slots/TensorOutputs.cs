using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Models;
using Gyre.Serving.Engine;

namespace Gyre.Serving.Slots;

/// <summary>
/// Tensors that a graph returned. A value that is not finite is not an error, as many graphs mask with infinities:
/// raw forms carry it, JSON has null in its place.
/// </summary>
/// <param name="rows">The rows of the request.</param>
/// <param name="names">The outputs' names.</param>
/// <param name="values">One per name.</param>
internal sealed class TensorOutputs(int rows, ImmutableArray<string> names, ImmutableArray<TensorValue> values)
    : ModelOutputs(rows)
{
    public override int FirstNotFinite => -1;

    /// <summary>The tensor of a name.</summary>
    public TensorValue this[string name] => values[names.IndexOf(name)];

    public override ImmutableArray<long> ShapeOf(OutputTensor tensor) => this[tensor.Name].Shape;

    /// <summary>Writes an object of outputs: what belongs to the row, or all of an output without rows.</summary>
    public override void WriteRow(Utf8JsonWriter json, int row) => WriteRow(json, row, areScalars: false);

    /// <summary>
    /// Writes an object of outputs as of a data frame's row: what [rows, 1] holds stands there as a scalar.
    /// </summary>
    public void WriteRecord(Utf8JsonWriter json, int row) => WriteRow(json, row, areScalars: true);

    public override void WriteTensor(Utf8JsonWriter json, string name) =>
        TensorJson.WriteFlat(json, TensorSlice.Whole(this[name]));

    /// <summary>Writes an object of all outputs, each in arrays as its shape nests them.</summary>
    public void WriteNested(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        for (var i = 0; i < names.Length; i++)
        {
            json.WritePropertyName(names[i]);
            TensorJson.WriteNested(json, TensorSlice.Whole(values[i]));
        }

        json.WriteEndObject();
    }

    public override void WriteRaw(IBufferWriter<byte> raw, string name)
    {
        var value = this[name];
        if (value.Type is not TensorType.Text) raw.Write(value.Bytes);
        else
        {
            foreach (var text in value.Texts) RawElements.Write(raw, text);
        }
    }

    private void WriteRow(Utf8JsonWriter json, int row, bool areScalars)
    {
        json.WriteStartObject();
        for (var i = 0; i < names.Length; i++)
        {
            json.WritePropertyName(names[i]);
            var isRows = values[i].Shape is [var length, ..] && length == Rows;
            var part = isRows ? TensorSlice.Row(values[i], row) : TensorSlice.Whole(values[i]);
            if (areScalars && isRows && part.Shape.Span is [1]) part = part with { Shape = ReadOnlyMemory<long>.Empty };
            if (areScalars) TensorJson.WriteNested(json, part);
            else TensorJson.WriteRecord(json, part);
        }

        json.WriteEndObject();
    }
}
