using System.Buffers.Binary;
using System.Text;
using Gyre.Fixtures;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Requests;

public class RawTensorTests
{
    /// <summary>The bytes of 1, 2 and -3 (3 where there is no sign) as numpy writes them: '&lt;i2', '&lt;f4', ….</summary>
    public static TheoryData<string, string, double[]> Numbers => new()
    {
        { "UINT8", "01 02 03", [1, 2, 3] },
        { "INT8", "01 02 FD", [1, 2, -3] },
        { "UINT16", "0100 0200 0300", [1, 2, 3] },
        { "INT16", "0100 0200 FDFF", [1, 2, -3] },
        { "UINT32", "01000000 02000000 03000000", [1, 2, 3] },
        { "INT32", "01000000 02000000 FDFFFFFF", [1, 2, -3] },
        { "UINT64", "0100000000000000 0200000000000000 0300000000000000", [1, 2, 3] },
        { "INT64", "0100000000000000 0200000000000000 FDFFFFFFFFFFFFFF", [1, 2, -3] },
        { "FP16", "003C 0040 00C2", [1, 2, -3] },
        { "BF16", "803F 0040 40C0", [1, 2, -3] },
        { "FP32", "0000803F 00000040 000040C0", [1, 2, -3] },
        { "FP64", "000000000000F03F 0000000000000040 00000000000008C0", [1, 2, -3] },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Read_NumbersOfEachDatatype_BecomeTheColumnsValues(string datatype, string hex, double[] expected)
    {
        var numeric = (Column<double>)ReadColumn(ColumnType.Numeric, datatype, [3], Bytes(hex));
        Assert.Equal(expected, numeric.Values.ToArray());
        var integer = (Column<long>)ReadColumn(ColumnType.Integer, datatype, [3, 1], Bytes(hex));
        Assert.Equal(expected.Select(value => (long)value), integer.Values.ToArray());
    }

    [Fact]
    public void Read_Booleans_BecomeTrueAndFalse()
    {
        var column = (Column<bool>)ReadColumn(ColumnType.Boolean, "BOOL", [2], [1, 0]);
        Assert.Equal([true, false], column.Values.ToArray());
    }

    [Fact]
    public void Read_StringsWithLengths_BecomeText()
    {
        var column = (CategoricalColumn)ReadColumn(ColumnType.Categorical, "BYTES", [3], Strings("clear", "", "ü"));
        Assert.Equal(["clear", "", "ü"], Enumerable.Range(0, 3).Select(column.StringAt));
    }

    [Fact]
    public void Read_NotANumber_IsAMissingValue()
    {
        var numeric = ReadColumn(ColumnType.Numeric, "FP32", [2], Bytes("0000C07F 0000803F"));
        var integer = ReadColumn(ColumnType.Integer, "FP64", [2], Bytes("000000000000F87F 0000000000000840"));
        Assert.Equal((1, true), (numeric.MissingCount, numeric.IsMissing(0)));
        Assert.Equal((1, true, 3L), (integer.MissingCount, integer.IsMissing(0), integer.ValueAt(1)));
    }

    [Fact]
    public void Read_TimesAsNumbersOrText_AreTheSame()
    {
        var micros = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(micros, 1_325_376_000_000_000);
        var text = ReadColumn(ColumnType.Timestamp, "BYTES", [1], Strings("2012-01-01T00:00:00Z"));
        Assert.Equal(ReadColumn(ColumnType.Timestamp, "INT64", [1], micros).ValueAt(0), text.ValueAt(0));
    }

    [Theory]
    [InlineData("UINT8", "[1, 2, 2, 1]")]
    [InlineData("INT32", "[1, 2, 2, 1]")]
    [InlineData("FP32", "[1, 2, 2]")]
    public void Read_Images_BecomePixels(string datatype, string shape)
    {
        byte[] pixels = [0, 1, 254, 255];
        var bytes = datatype switch
        {
            "UINT8" => pixels,
            "INT32" => [.. pixels.SelectMany(pixel => BitConverter.GetBytes((int)pixel))],
            _ => pixels.SelectMany(pixel => BitConverter.GetBytes((float)pixel)).ToArray(),
        };
        var lengths = shape.Trim('[', ']').Split(", ").Select(long.Parse).ToArray();
        Assert.Equal(pixels, ReadImage(datatype, lengths, bytes));
    }

    [Fact]
    public void Read_ImageFileAsBytes_IsDecoded() =>
        Assert.Equal([9, 8, 7, 6], ReadImage("BYTES", [1], WithLength(GreyPng.Write(2, 2, [9, 8, 7, 6]))));

    /// <summary>Everything here lies about its size, its type or its values; none may cost what it announces.</summary>
    public static TheoryData<string, string, string, long[], string> Mistakes => new()
    {
        { "bad-shape", "FP32", "too few bytes", [2], "0000803F" },
        { "bad-shape", "FP32", "too many bytes", [1], "0000803F 0000803F" },
        { "bad-shape", "FP32", "half an element", [1], "0000803F 00" },
        { "bad-shape", "FP32", "no shape", [], "0000803F" },
        { "bad-shape", "FP32", "a negative length", [-1], "0000803F" },
        { "bad-shape", "FP32", "two negative lengths", [-1, -1], "0000803F" },
        { "bad-shape", "FP32", "more elements than memory", [long.MaxValue], "0000803F" },
        { "bad-shape", "FP32", "a product beyond 64 bits", [long.MaxValue, long.MaxValue], "0000803F" },
        { "bad-shape", "FP32", "a product that wraps around to 1", [4294967297, 4294967297, 4294967295], "0000803F" },
        { "bad-shape", "FP32", "a row of two", [1, 2], "0000803F 0000803F" },
        { "bad-shape", "FP32", "too many lengths", [1, 1, 1, 1, 1, 1, 1, 1, 1], "0000803F" },
        { "bad-shape", "BYTES", "a length beyond the end", [1], "05000000 61" },
        { "bad-shape", "BYTES", "a length of 4 GiB", [1], "FFFFFFFF 61" },
        { "bad-shape", "BYTES", "half a length", [1], "0100" },
        { "bad-shape", "BYTES", "more elements than announced", [1], "01000000 61 01000000 62" },
        { "bad-shape", "BYTES", "fewer elements than announced", [3], "01000000 61 01000000 62" },
        { "no-rows", "FP32", "no rows", [0], "" },
        { "wrong-type", "FP8", "no datatype", [1], "00" },
        { "wrong-type", "BYTES", "no UTF-8", [1], "01000000 FF" },
        { "wrong-type", "UINT64", "beyond INT64", [1], "FFFFFFFFFFFFFFFF" },
        { "wrong-type", "BOOL", "neither 0 nor 1", [1], "02" },
        { "wrong-type", "FP64", "a fraction for whole numbers", [1], "000000000000E03F" },
        { "not-finite", "FP32", "infinity", [1], "0000807F" },
        { "not-finite", "FP64", "beyond float32 for numbers", [1], "FFFFFFFFFFFFEF7F" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Read_Mistake_IsRejectedWithItsReason(
        string reason, string datatype, string mistake, long[] shape, string hex)
    {
        var type = datatype switch
        {
            "BYTES" => ColumnType.Categorical,
            "BOOL" => ColumnType.Boolean,
            "FP64" when reason == "wrong-type" => ColumnType.Integer,
            "UINT64" => ColumnType.Integer,
            _ => ColumnType.Numeric,
        };
        var rejection = Assert.Throws<RequestRejectedException>(() => ReadColumn(type, datatype, shape, Bytes(hex)));
        Assert.True(reason == rejection.Reason.Name(), $"{mistake}: {rejection.Reason.Name()}, {rejection.Message}");
        Assert.Equal("c", rejection.Column);
    }

    [Fact]
    public void Read_DatatypeThatWouldLose_IsRejected()
    {
        var rejection = Assert.Throws<RequestRejectedException>(
            () => ReadColumn(ColumnType.Boolean, "FP32", [1], Bytes("0000803F")));
        Assert.Equal(RejectionReason.WrongType, rejection.Reason);
    }

    [Fact]
    public void Read_NotANumberWhereNothingMayBeMissing_IsRejected()
    {
        var reader = ColumnReader.Create(new ColumnDefinition("c", ColumnType.Numeric, Nullable: false));
        var rejection = Assert.Throws<RequestRejectedException>(
            () => RawTensorReader.Read(RawTensor.Open("c", "FP32", [1], Bytes("0000C07F")), reader));
        Assert.Equal(RejectionReason.NotFinite, rejection.Reason);
    }

    private static Column ReadColumn(ColumnType type, string datatype, long[] shape, byte[] bytes)
    {
        var reader = ColumnReader.Create(new ColumnDefinition("c", type));
        var rows = RawTensorReader.Read(RawTensor.Open("c", datatype, shape, bytes), reader);
        Assert.Equal(shape[0], rows);
        Assert.Equal(rows, reader.Count);
        return reader.Build();
    }

    private static byte[] ReadImage(string datatype, long[] shape, byte[] bytes)
    {
        var definition = new ColumnDefinition("c", ColumnType.Image) { Image = new ImageShape(2, 2, 1) };
        var reader = ColumnReader.Create(definition);
        Assert.Equal(1, RawTensorReader.Read(RawTensor.Open("c", datatype, shape, bytes), reader));
        Assert.Equal(1, reader.Count);
        return ((ImageColumn)reader.Build()).Memory.ToArray();
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Strings(params string[] values) =>
        [.. values.SelectMany(value => WithLength(Encoding.UTF8.GetBytes(value)))];

    private static byte[] WithLength(byte[] element) => [.. BitConverter.GetBytes(element.Length), .. element];
}
