using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gyre.Models;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Requests;

/// <summary>Makes a graph's tensors of a request's.</summary>
internal static class TensorValues
{
    /// <summary>Copies a raw tensor.</summary>
    /// <exception cref="RequestRejectedException">It is not what the input takes.</exception>
    public static TensorValue Read(in RawTensor tensor, InputTensor input)
    {
        Check(input, tensor.Datatype, tensor.Shape);
        if (tensor.Datatype.Kind is not TensorKind.Bytes)
        {
            if (tensor.Datatype == TensorDatatype.Bool && tensor.Bytes.ContainsAnyExceptInRange((byte)0, (byte)1))
                throw RequestRejectedException.In(RejectionReason.WrongType, input.Name, "a BOOL is a byte 0 or 1");
            return new TensorValue(input.Datatype.Type, [.. tensor.Shape], tensor.Bytes.ToArray());
        }

        var texts = new string[tensor.Count];
        var rest = tensor.Bytes;
        for (var i = 0; i < texts.Length; i++) texts[i] = Text(input, i, RawTensor.TakeString(ref rest));
        return new TensorValue([.. tensor.Shape], texts);
    }

    /// <summary>Reads a tensor in JSON, nested as its shape says, or flat.</summary>
    /// <param name="header">What the tensor says of itself, complete.</param>
    /// <param name="json">Stands on the beginning of the data; on its end afterwards.</param>
    /// <param name="input">What the model takes.</param>
    /// <param name="count">The elements that the shape announces.</param>
    /// <exception cref="RequestRejectedException">It is not what the input takes.</exception>
    public static TensorValue Read(ref TensorHeader header, ref Utf8JsonReader json, InputTensor input, long count)
    {
        Check(input, ElementCheck.RequireJson(header), header.Shape);
        if (json.TokenType is not JsonTokenType.StartArray && !header.Shape.IsEmpty)
            throw header.Reject(RejectionReason.BadShape, "'data' is not an array");
        var elements = new ElementBuffer(input);
        if (json.TokenType is not JsonTokenType.StartArray) elements.Add(header, ref json);
        else NestedArrays.Read(ref header, ref json, ref elements, count);
        if (elements.Count != count)
        {
            throw header.Reject(RejectionReason.BadShape,
                $"the shape {TensorShape.Describe(header.Shape)} says {count} elements, the data has {elements.Count}");
        }

        return elements.Build(header.Shape);
    }

    /// <summary>Demands that datatype and shape are the input's.</summary>
    /// <exception cref="RequestRejectedException">They are not.</exception>
    public static void Check(InputTensor input, TensorDatatype datatype, ReadOnlySpan<long> shape)
    {
        if (datatype != input.Datatype)
        {
            throw RequestRejectedException.In(RejectionReason.WrongType, input.Name,
                $"the datatype is {datatype.Name}; the model takes {input.Datatype.Name}");
        }

        if (input.Fits(shape)) return;
        throw RequestRejectedException.In(RejectionReason.BadShape, input.Name,
            $"the shape is {TensorShape.Describe(shape)}; the model takes {TensorShape.Describe(input.Shape.AsSpan())}");
    }

    /// <summary>Text as the engine holds it: without zero characters, which would end it.</summary>
    public static string Text(InputTensor input, int index, string text) => !text.Contains('\0')
        ? text
        : throw RequestRejectedException.At(RejectionReason.WrongType, input.Name, index, "the text has a zero character");

    private static string Text(InputTensor input, int index, ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes)
        ? Text(input, index, Encoding.UTF8.GetString(bytes))
        : throw RequestRejectedException.At(RejectionReason.WrongType, input.Name, index, "the bytes are not valid UTF-8");
}
