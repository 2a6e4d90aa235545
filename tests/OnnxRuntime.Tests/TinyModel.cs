using System.Text;

namespace Gyre.OnnxRuntime.Tests;

/// <summary>A model written field by field, so that these tests need no ONNX library.</summary>
internal static class TinyModel
{
    private const int Float = 1;
    private const int Text = 8;

    /// <summary>y = x + x over float [N]; s = Identity(t) over string [N]; metadata key = "wert ü".</summary>
    public static byte[] Bytes()
    {
        byte[] graph =
        [
            .. Field(1, Node("Add", ["x", "x"], "y")), .. Field(1, Node("Identity", ["t"], "s")),
                .. Field(2, Utf8("tiny")),
            .. Field(11, Value("x", Float)), .. Field(11, Value("t", Text)),
            .. Field(12, Value("y", Float)), .. Field(12, Value("s", Text)),
        ];
        byte[] opset = [.. Field(1, []), .. Varint(2, 17)];
        byte[] property = [.. Field(1, Utf8("key")), .. Field(2, Utf8("wert ü"))];
        return [.. Varint(1, 8), .. Field(7, graph), .. Field(8, opset), .. Field(14, property)];
    }

    private static byte[] Node(string op, string[] inputs, string output) =>
        [.. inputs.SelectMany(i => Field(1, Utf8(i))), .. Field(2, Utf8(output)), .. Field(4, Utf8(op))];

    private static byte[] Value(string name, int elementType)
    {
        var shape = Field(1, Field(2, Utf8("N")));
        byte[] tensor = [.. Varint(1, elementType), .. Field(2, shape)];
        return [.. Field(1, Utf8(name)), .. Field(2, Field(1, tensor))];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Field(int number, byte[] content) =>
        [(byte)((number << 3) | 2), .. Length(content.Length), .. content];

    private static byte[] Varint(int number, int value) => [(byte)(number << 3), .. Length(value)];

    private static byte[] Length(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
