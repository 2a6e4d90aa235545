using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gyre.Serving.Requests;

/// <summary>
/// Reads the elements of a raw tensor as the values of a column. They are read in the machine's order of bytes: the
/// native engines exist for little-endian machines only.
/// </summary>
internal static class RawTensorReader
{
    /// <summary>
    /// Reads all rows. In a tensor of floats NaN is a missing value, as numpy and pandas have it; the raw forms have no
    /// null.
    /// </summary>
    /// <returns>The number of rows, at least 1.</returns>
    /// <exception cref="RequestRejectedException">Datatype, shape or a value do not fit the column.</exception>
    public static int Read(in RawTensor tensor, ColumnReader column)
    {
        if (!column.Accepts(tensor.Datatype))
        {
            throw RequestRejectedException.In(RejectionReason.WrongType, column.Name,
                $"{tensor.Datatype.Name} cannot become the column's type without loss");
        }

        var rows = TensorShape.RowsOf(column, tensor.Datatype, tensor.Shape);
        if (column is ImageColumnReader images && tensor.Datatype == TensorDatatype.UInt8)
            images.ReadPixels(tensor.Bytes);
        else ReadElements(tensor, column);
        return rows;
    }

    private static void ReadElements(in RawTensor tensor, ColumnReader column)
    {
        var bytes = tensor.Bytes;
        switch (tensor.Datatype.Name)
        {
            case "BOOL": ReadBooleans(bytes, column); break;
            case "UINT8": ReadIntegers<byte>(bytes, column); break;
            case "UINT16": ReadIntegers<ushort>(bytes, column); break;
            case "UINT32": ReadIntegers<uint>(bytes, column); break;
            case "UINT64": ReadIntegers<ulong>(bytes, column); break;
            case "INT8": ReadIntegers<sbyte>(bytes, column); break;
            case "INT16": ReadIntegers<short>(bytes, column); break;
            case "INT32": ReadIntegers<int>(bytes, column); break;
            case "INT64": ReadIntegers<long>(bytes, column); break;
            case "FP16": ReadFloats<Half>(bytes, column); break;
            case "BF16": ReadBrainFloats(bytes, column); break;
            case "FP32": ReadFloats<float>(bytes, column); break;
            case "FP64": ReadFloats<double>(bytes, column); break;
            default: ReadStrings(bytes, column); break;
        }
    }

    private static void ReadBooleans(ReadOnlySpan<byte> bytes, ColumnReader column)
    {
        foreach (var value in bytes)
        {
            if (value > 1)
            {
                throw RequestRejectedException.At(RejectionReason.WrongType, column.Name, column.Count,
                    $"the byte {value} is no BOOL, which is 0 or 1");
            }

            column.Read(value == 1);
        }
    }

    private static void ReadIntegers<T>(ReadOnlySpan<byte> bytes, ColumnReader column)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var at = 0; at < bytes.Length; at += Unsafe.SizeOf<T>())
        {
            var element = MemoryMarshal.Read<T>(bytes[at..]);
            var value = long.CreateTruncating(element);
            if (value < 0 != T.IsNegative(element))
            {
                throw RequestRejectedException.At(RejectionReason.WrongType, column.Name, column.Count,
                    $"{element} is beyond the range of 64-bit signed numbers, in which columns are held");
            }

            column.Read(value);
        }
    }

    private static void ReadFloats<T>(ReadOnlySpan<byte> bytes, ColumnReader column)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var at = 0; at < bytes.Length; at += Unsafe.SizeOf<T>())
            column.Read(double.CreateTruncating(MemoryMarshal.Read<T>(bytes[at..])));
    }

    // The upper half of a float32.
    private static void ReadBrainFloats(ReadOnlySpan<byte> bytes, ColumnReader column)
    {
        for (var at = 0; at < bytes.Length; at += sizeof(ushort))
            column.Read((double)BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes[at..]) << 16));
    }

    private static void ReadStrings(ReadOnlySpan<byte> bytes, ColumnReader column)
    {
        while (!bytes.IsEmpty) column.Read(RawTensor.TakeString(ref bytes));
    }
}
