using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Slots;

/// <summary>Recommended items.</summary>
/// <param name="top">The length of a list.</param>
/// <param name="items">Row-major, rows × top: best first, empty where none is left.</param>
/// <param name="scores">The items' scores.</param>
/// <param name="ratings">One predicted rating a row; empty when ratings are not predicted.</param>
internal sealed class ListOutputs(
    int top, ReadOnlyMemory<string> items, ReadOnlyMemory<float> scores, ReadOnlyMemory<float> ratings)
    : ModelOutputs(items.Length / top)
{
    private const string Items = "items";
    private const string Scores = "scores";

    public override int FirstNotFinite => FirstNotFiniteOf(scores.Span, top) is var row and >= 0
        ? row : FirstNotFiniteOf(ratings.Span, 1);

    /// <summary>The output tensors of a recommender.</summary>
    public static ImmutableArray<OutputTensor> Tensors(int top, bool rated)
    {
        ImmutableArray<OutputTensor> tensors =
            [new OutputTensor(Items, TensorDatatype.Bytes, top), new OutputTensor(Scores, TensorDatatype.Float32, top)];
        return rated ? tensors.Add(new OutputTensor(OutputTensor.Prediction, TensorDatatype.Float32, 1)) : tensors;
    }

    /// <summary>Writes <c>{"items":[…],"scores":[…],"prediction":…}</c>, as many items as are left.</summary>
    public override void WriteRow(Utf8JsonWriter json, int row)
    {
        var list = items.Span.Slice(row * top, top);
        var count = list.IndexOf("") is var end and >= 0 ? end : top;
        json.WriteStartObject();
        json.WriteStartArray(Items);
        foreach (var item in list[..count]) json.WriteStringValue(item);
        json.WriteEndArray();
        json.WriteStartArray(Scores);
        foreach (var score in scores.Span.Slice(row * top, count)) json.WriteNumberValue(score);
        json.WriteEndArray();
        if (!ratings.IsEmpty) json.WriteNumber(OutputTensor.Prediction, ratings.Span[row]);
        json.WriteEndObject();
    }

    public override void WriteTensor(Utf8JsonWriter json, string name)
    {
        if (name == Items)
        {
            foreach (var item in items.Span) json.WriteStringValue(item);
            return;
        }

        foreach (var value in name == Scores ? scores.Span : ratings.Span) json.WriteNumberValue(value);
    }

    public override void WriteRaw(IBufferWriter<byte> raw, string name)
    {
        if (name != Items)
        {
            RawElements.Write(raw, name == Scores ? scores.Span : ratings.Span);
            return;
        }

        foreach (var item in items.Span) RawElements.Write(raw, item);
    }
}
