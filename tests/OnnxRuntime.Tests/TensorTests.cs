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
}
