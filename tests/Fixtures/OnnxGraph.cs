using System.Text;

namespace Gyre.Fixtures;

/// <summary>ONNX models written field by field, so that tests need no ONNX library. Types are ONNX's numbers.</summary>
internal sealed class OnnxGraph
{
    public const int Float32 = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int16 = 5, Int32 = 6, Int64 = 7, Text = 8, Bool = 9,
        Float16 = 10, Float64 = 11, UInt32 = 12, UInt64 = 13, BFloat16 = 16;

    private readonly List<byte> _graph = [];
    private readonly List<byte> _metadata = [];

    public OnnxGraph() => _graph.AddRange(Field(2, Utf8("tiny")));

    /// <summary>Adds an operator of the standard domain.</summary>
    public OnnxGraph Node(string op, string[] inputs, params string[] outputs)
    {
        _graph.AddRange(Field(1,
        [
            .. inputs.SelectMany(i => Field(1, Utf8(i))), .. outputs.SelectMany(o => Field(2, Utf8(o))),
            .. Field(4, Utf8(op)),
        ]));
        return this;
    }

    /// <summary>Adds an input; a dimension is free where it is negative, and then named by its number.</summary>
    public OnnxGraph Input(string name, int type, params long[] shape) => Value(11, name, type, shape);

    /// <summary>Adds an output.</summary>
    public OnnxGraph Output(string name, int type, params long[] shape) => Value(12, name, type, shape);

    /// <summary>Adds a text of the model's own.</summary>
    public OnnxGraph Metadata(string key, string value)
    {
        _metadata.AddRange(Field(14, [.. Field(1, Utf8(key)), .. Field(2, Utf8(value))]));
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build(int opset = 17, int version = 8)
    {
        byte[] operators = [.. Field(1, []), .. Varint(2, opset)];
        return [.. Varint(1, version), .. Field(7, [.. _graph]), .. Field(8, operators), .. _metadata];
    }

    /// <summary>One output per input, with the same value: <c>in_x</c> to <c>x</c>.</summary>
    public static OnnxGraph Echo(params (string Name, int Type, long[] Shape)[] tensors)
    {
        var graph = new OnnxGraph();
        foreach (var (name, type, shape) in tensors)
        {
            graph.Node("Identity", ["in_" + name], name).Input("in_" + name, type, shape).Output(name, type, shape);
        }

        return graph;
    }

    private OnnxGraph Value(int field, string name, int type, long[] shape)
    {
        var dimensions = shape.SelectMany(length => Field(1, length < 0 ? Field(2, Utf8($"N{-length}")) : Varint(1, length)));
        byte[] tensor = [.. Varint(1, type), .. Field(2, [.. dimensions])];
        _graph.AddRange(Field(field, [.. Field(1, Utf8(name)), .. Field(2, Field(1, tensor))]));
        return this;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Field(int number, byte[] content) =>
        [(byte)((number << 3) | 2), .. Length(content.Length), .. content];

    private static byte[] Varint(int number, long value) => [(byte)(number << 3), .. Length(value)];

    private static byte[] Length(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
