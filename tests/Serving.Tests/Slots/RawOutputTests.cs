using System.Buffers;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Slots;

public class RawOutputTests
{
    [Fact]
    public void WriteRaw_Numbers_AreLittleEndianFloats() => Assert.Equal("0000803F000000C0",
        Raw(new NumberOutputs(new float[] { 1, -2 }), OutputTensor.Prediction));

    [Theory]
    [InlineData(ColumnType.Categorical, "no,yes", "03000000796573020000006E6F")]
    [InlineData(ColumnType.Integer, "-1,3", "0300000000000000FFFFFFFFFFFFFFFF")]
    [InlineData(ColumnType.Boolean, "false,true", "0100")]
    public void WriteRaw_Labels_HaveTheTargetsType(ColumnType target, string classes, string expected) =>
        Assert.Equal(expected, Raw(Classes(target, classes), OutputTensor.Label));

    [Fact]
    public void WriteRaw_Probabilities_AreRowMajor() => Assert.Equal("0000003F0000803E0000803F00000000",
        Raw(Classes(ColumnType.Categorical, "no,yes"), OutputTensor.Probabilities));

    [Fact]
    public void WriteRaw_Lists_AreTextAndFloats()
    {
        var lists = new ListOutputs(2, new[] { "a", "" }, new[] { 1f, 0f }, ReadOnlyMemory<float>.Empty);
        Assert.Equal("010000006100000000", Raw(lists, "items"));
        Assert.Equal("0000803F00000000", Raw(lists, "scores"));
    }

    private static ClassOutputs Classes(ColumnType target, string classes) =>
        new(new ClassLabels([.. classes.Split(',')], target), [1, 0], new float[] { 0.5f, 0.25f, 1, 0 });

    private static string Raw(ModelOutputs outputs, string tensor)
    {
        var raw = new ArrayBufferWriter<byte>();
        outputs.WriteRaw(raw, tensor);
        return Convert.ToHexString(raw.WrittenSpan);
    }
}
