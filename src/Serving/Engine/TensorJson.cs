using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gyre.Models;

namespace Gyre.Serving.Engine;

/// <summary>A tensor, or one row of it.</summary>
/// <param name="Value">The tensor.</param>
/// <param name="Shape">The dimensions of this part.</param>
/// <param name="First">Its first element.</param>
/// <param name="Count">Its number of elements.</param>
internal readonly record struct TensorSlice(TensorValue Value, ReadOnlyMemory<long> Shape, int First, int Count)
{
    public static TensorSlice Whole(TensorValue value) => new(value, value.Shape.AsMemory(), 0, value.Count);

    /// <summary>What belongs to one position of the first dimension.</summary>
    public static TensorSlice Row(TensorValue value, int row)
    {
        var perRow = value.Count / (int)value.Shape[0];
        return new TensorSlice(value, value.Shape.AsMemory()[1..], row * perRow, perRow);
    }
}

/// <summary>Writes tensors as JSON.</summary>
internal static class TensorJson
{
    // What a log can hold of every prediction; images and documents are known by their hash.
    private const int LargestRecorded = 1 << 10;

    /// <summary>
    /// Writes the elements one after another. What is not finite becomes null: JSON has no such number.
    /// </summary>
    public static void WriteFlat(Utf8JsonWriter json, in TensorSlice tensor)
    {
        for (var i = tensor.First; i < tensor.First + tensor.Count; i++) WriteElement(json, tensor.Value, i);
    }

    /// <summary>Writes the elements in arrays as the shape nests them.</summary>
    public static void WriteNested(Utf8JsonWriter json, in TensorSlice tensor)
    {
        var next = tensor.First;
        WriteNested(json, tensor.Value, tensor.Shape.Span, ref next);
    }

    /// <summary>Writes a tensor of up to 1 KiB nested, a larger one as <c>{"shape":[…],"sha256":"…"}</c>.</summary>
    public static void WriteRecord(Utf8JsonWriter json, in TensorSlice tensor)
    {
        if (SizeOf(tensor) <= LargestRecorded)
        {
            WriteNested(json, tensor);
            return;
        }

        json.WriteStartObject();
        json.WriteStartArray("shape"u8);
        foreach (var length in tensor.Shape.Span) json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteString("sha256"u8, Convert.ToHexStringLower(Hash(tensor)));
        json.WriteEndObject();
    }

    private static void WriteNested(
        Utf8JsonWriter json, TensorValue value, ReadOnlySpan<long> shape, ref int next)
    {
        if (shape.IsEmpty)
        {
            WriteElement(json, value, next++);
            return;
        }

        json.WriteStartArray();
        for (var i = 0L; i < shape[0]; i++) WriteNested(json, value, shape[1..], ref next);
        json.WriteEndArray();
    }

    private static void WriteElement(Utf8JsonWriter json, TensorValue value, int index)
    {
        if (value.Type is TensorType.Text)
        {
            json.WriteStringValue(value.Texts[index]);
            return;
        }

        var size = TensorValue.SizeOf(value.Type);
        var element = value.Bytes.AsSpan(index * size, size);
        switch (value.Type)
        {
            case TensorType.Bool: json.WriteBooleanValue(element[0] != 0); break;
            case TensorType.UInt8: json.WriteNumberValue(element[0]); break;
            case TensorType.Int8: json.WriteNumberValue((sbyte)element[0]); break;
            case TensorType.UInt16: json.WriteNumberValue(BinaryPrimitives.ReadUInt16LittleEndian(element)); break;
            case TensorType.Int16: json.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(element)); break;
            case TensorType.UInt32: json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(element)); break;
            case TensorType.Int32: json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(element)); break;
            case TensorType.UInt64: json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(element)); break;
            case TensorType.Int64: json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(element)); break;
            case TensorType.Float64: WriteDouble(json, BinaryPrimitives.ReadDoubleLittleEndian(element)); break;
            case TensorType.Float16: WriteSingle(json, (float)BinaryPrimitives.ReadHalfLittleEndian(element)); break;
            case TensorType.BFloat16:
                WriteSingle(json, BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16));
                break;
            default: WriteSingle(json, BinaryPrimitives.ReadSingleLittleEndian(element)); break;
        }
    }

    private static void WriteSingle(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteNullValue();
    }

    private static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value)) json.WriteNumberValue(value);
        else json.WriteNullValue();
    }

    private static long SizeOf(in TensorSlice tensor)
    {
        if (tensor.Value.Type is not TensorType.Text) return (long)tensor.Count * TensorValue.SizeOf(tensor.Value.Type);
        var size = 0L;
        foreach (var text in tensor.Value.Texts.AsSpan(tensor.First, tensor.Count)) size += 2 + text.Length;
        return size;
    }

    // Of numbers the bytes; of texts the raw form, each with its length, so that no two tensors have the same.
    private static byte[] Hash(in TensorSlice tensor)
    {
        if (tensor.Value.Type is not TensorType.Text)
        {
            var size = TensorValue.SizeOf(tensor.Value.Type);
            return SHA256.HashData(tensor.Value.Bytes.AsSpan(tensor.First * size, tensor.Count * size));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in tensor.Value.Texts.AsSpan(tensor.First, tensor.Count))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }
}
