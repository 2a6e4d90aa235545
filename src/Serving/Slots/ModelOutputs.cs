using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Slots;

/// <summary>What a model predicted for some rows, and how that is written. Immutable.</summary>
internal abstract class ModelOutputs(int rows)
{
    /// <summary>The number of rows.</summary>
    public int Rows => rows;

    /// <summary>The first row whose prediction is not finite, or -1.</summary>
    public abstract int FirstNotFinite { get; }

    /// <summary>Writes one row for people: a number, <c>{"label":…,"probabilities":{class:p}}</c>, or
    /// <c>{"items":[…],"scores":[…]}</c>.</summary>
    public abstract void WriteRow(Utf8JsonWriter json, int row);

    /// <summary>Writes the value of one of the model's output tensors, flat and row-major.</summary>
    public abstract void WriteTensor(Utf8JsonWriter json, string name);

    /// <summary>
    /// Writes the value of one of the model's output tensors as the raw forms have it: little-endian, row-major; an
    /// element of BYTES is a 4-byte length and its UTF-8.
    /// </summary>
    public abstract void WriteRaw(IBufferWriter<byte> raw, string name);

    /// <summary>The dimensions of one of the model's output tensors.</summary>
    public virtual ImmutableArray<long> ShapeOf(OutputTensor tensor) =>
        tensor.Width > 0 ? [Rows, tensor.Width] : [Rows];

    protected static int FirstNotFiniteOf(ReadOnlySpan<float> values, int perRow)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) return i / perRow;
        }

        return -1;
    }
}

/// <summary>Predicted numbers.</summary>
internal sealed class NumberOutputs(ReadOnlyMemory<float> values) : ModelOutputs(values.Length)
{
    public override int FirstNotFinite => FirstNotFiniteOf(values.Span, 1);

    public override void WriteRow(Utf8JsonWriter json, int row) => json.WriteNumberValue(values.Span[row]);

    public override void WriteTensor(Utf8JsonWriter json, string name)
    {
        foreach (var value in values.Span) json.WriteNumberValue(value);
    }

    public override void WriteRaw(IBufferWriter<byte> raw, string name) => RawElements.Write(raw, values.Span);
}

/// <summary>Predicted classes.</summary>
/// <param name="labels">The classes.</param>
/// <param name="predicted">The predicted class of each row.</param>
/// <param name="probabilities">Row-major, rows × classes.</param>
internal sealed class ClassOutputs(ClassLabels labels, int[] predicted, ReadOnlyMemory<float> probabilities)
    : ModelOutputs(predicted.Length)
{
    private readonly int _classes = labels.Names.Length;

    public override int FirstNotFinite => FirstNotFiniteOf(probabilities.Span, _classes);

    public override void WriteRow(Utf8JsonWriter json, int row)
    {
        json.WriteStartObject();
        json.WritePropertyName("label"u8);
        labels.Write(json, predicted[row]);
        json.WriteStartObject("probabilities"u8);
        for (var i = 0; i < _classes; i++) json.WriteNumber(labels.Names[i], probabilities.Span[row * _classes + i]);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public override void WriteTensor(Utf8JsonWriter json, string name)
    {
        if (name == OutputTensor.Label)
        {
            foreach (var @class in predicted) labels.Write(json, @class);
        }
        else
        {
            foreach (var probability in probabilities.Span) json.WriteNumberValue(probability);
        }
    }

    public override void WriteRaw(IBufferWriter<byte> raw, string name)
    {
        if (name != OutputTensor.Label) RawElements.Write(raw, probabilities.Span);
        else
        {
            foreach (var @class in predicted) labels.WriteRaw(raw, @class);
        }
    }
}
