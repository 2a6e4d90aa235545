using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Models;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Engine;

/// <summary>Tensors, for models that take them as they are.</summary>
/// <param name="tensors">The model's inputs.</param>
/// <param name="values">One per input, in that order.</param>
internal sealed class TensorInputs(ImmutableArray<InputTensor> tensors, TensorValue[] values) : ModelInputs
{
    /// <summary>The tensors, in the order of the model's inputs.</summary>
    public ReadOnlySpan<TensorValue> Values => values;

    /// <summary>The length of the first dimension, where it is free and the same in all inputs; else 1.</summary>
    public override int Rows { get; } = CountRows(tensors, values);

    public override void WriteRow(Utf8JsonWriter json, int row)
    {
        json.WriteStartObject();
        for (var i = 0; i < values.Length; i++)
        {
            json.WritePropertyName(tensors[i].Name);
            // A scalar beside batches, such as a threshold, belongs to every row.
            var isRows = tensors[i].Shape is [-1, ..] && values[i].Shape[0] == Rows;
            TensorJson.WriteRecord(json, isRows ? TensorSlice.Row(values[i], row) : TensorSlice.Whole(values[i]));
        }

        json.WriteEndObject();
    }

    private static int CountRows(ImmutableArray<InputTensor> tensors, TensorValue[] values)
    {
        var rows = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            if (tensors[i].Shape is not [-1, ..]) continue;
            var length = values[i].Shape[0];
            if (rows > 0 && length != rows) return 1;
            rows = length;
        }

        return (int)Math.Max(1, rows);
    }
}
