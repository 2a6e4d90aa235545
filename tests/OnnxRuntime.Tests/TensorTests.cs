using Gyre.OnnxRuntime;

namespace Gyre.OnnxRuntime.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Over_CallersMemory_IsNotCopied()
    {
        var memory = new long[] { 1, 2, 3, 4, 5, 6 };
        using var tensor = Tensor.Over<long>(memory, 2, 3);

        memory[4] = 50;

        Assert.Equal(50, tensor.Elements<long>()[4]);
        Assert.Equal(TensorElementType.Int64, tensor.ElementType);
    }

    [Fact]
    public void Over_EmptyBatch_Works()
    {
        using var tensor = Tensor.Over<double>(Memory<double>.Empty, 0, 1);

        Assert.Equal(0, tensor.Elements<double>().Length);
    }

    [Fact]
    public void Over_ShapeOfAnotherSize_Throws() =>
        Assert.Throws<ArgumentException>(() => Tensor.Over<float>(new float[3], 2, 2));

    [Fact]
    public void Elements_OfAnotherType_Throws()
    {
        using var tensor = Tensor.Over<float>(new float[1], 1);

        Assert.Throws<ArgumentException>(() => tensor.Elements<double>().Length);
    }

    [Fact]
    public void SetString_LongAndShortText_ReplacesIt()
    {
        using var tensor = Tensor.Strings(2, 1);
        var text = new string('ß', 5000);

        tensor.SetString(0, "before");
        tensor.SetString(0, text);

        Assert.Equal([text, ""], tensor.GetStrings());
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.SetString(2, "x"));
    }

    [Fact]
    public void OfStrings_CodesAndDistinctStrings_RepeatsThem()
    {
        using var tensor = Tensor.OfStrings([1, -1, 0, 1], ["unused or not", "größer"], 4, 1);

        Assert.Equal(["größer", "", "unused or not", "größer"], tensor.GetStrings());
    }

    [Fact]
    public void Elements_AfterDispose_Throws()
    {
        var tensor = Tensor.Over<float>(new float[1], 1);
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor.Elements<float>().Length);
    }

    [Fact]
    public void Over_EveryNumberType_KeepsTypeAndElements()
    {
        CheckElements<sbyte>(TensorElementType.Int8, sbyte.MinValue, sbyte.MaxValue);
        CheckElements<byte>(TensorElementType.UInt8, byte.MinValue, byte.MaxValue);
        CheckElements<short>(TensorElementType.Int16, short.MinValue, short.MaxValue);
        CheckElements<ushort>(TensorElementType.UInt16, ushort.MinValue, ushort.MaxValue);
        CheckElements<int>(TensorElementType.Int32, int.MinValue, int.MaxValue);
        CheckElements<uint>(TensorElementType.UInt32, uint.MinValue, uint.MaxValue);
        CheckElements<long>(TensorElementType.Int64, long.MinValue, long.MaxValue);
        CheckElements<ulong>(TensorElementType.UInt64, ulong.MinValue, ulong.MaxValue);
        CheckElements<Half>(TensorElementType.Float16, Half.MinValue, Half.Epsilon);
        CheckElements<float>(TensorElementType.Float, float.MinValue, float.Epsilon);
        CheckElements<double>(TensorElementType.Double, double.MinValue, double.Epsilon);
        CheckElements<bool>(TensorElementType.Bool, false, true);
    }

    [Fact]
    public void OverBytes_BFloat16_IsMovedAsBytes()
    {
        using var tensor = Tensor.OverBytes(new byte[] { 0x80, 0x3f, 0x00, 0x40 }, TensorElementType.BFloat16, 2);

        Assert.Equal(TensorElementType.BFloat16, tensor.ElementType);
        Assert.Equal([0x80, 0x3f, 0x00, 0x40], tensor.Bytes().ToArray());
    }

    [Fact]
    public void OverBytes_Scalar_HasOneElement()
    {
        using var tensor = Tensor.OverBytes(new byte[8], TensorElementType.Int64);

        Assert.Equal(1, tensor.Length);
        Assert.Empty(tensor.Shape);
    }

    [Fact]
    public void OverBytes_StringsOrBytesThatDoNotFit_Throws()
    {
        Assert.Throws<ArgumentException>(() => Tensor.OverBytes(new byte[8], TensorElementType.String, 1));
        Assert.Throws<ArgumentException>(() => Tensor.OverBytes(new byte[7], TensorElementType.Int32, 1));
        Assert.Throws<ArgumentException>(() => Tensor.OverBytes(new byte[8], TensorElementType.Int32, 1));
        using var strings = Tensor.Strings(1);
        Assert.Throws<ArgumentException>(() => strings.Bytes().Length);
    }

    private static void CheckElements<T>(TensorElementType type, params T[] values) where T : unmanaged
    {
        using var tensor = Tensor.Over<T>(values, values.Length);
        Assert.Equal(type, tensor.ElementType);
        Assert.Equal(values, tensor.Elements<T>().ToArray());
        using var bytes = Tensor.OverBytes(tensor.Bytes().ToArray(), type, values.Length);
        Assert.Equal(values, bytes.Elements<T>().ToArray());
    }
}
