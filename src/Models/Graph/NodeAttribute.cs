using Google.Protobuf;
using Onnx;
using Kind = Onnx.AttributeProto.Types.AttributeType;

namespace Gyre.Models.Graph;

/// <summary>Makes the attributes of nodes.</summary>
internal static class NodeAttribute
{
    public static AttributeProto Of(string name, long value) => new() { Name = name, Type = Kind.Int, I = value };

    public static AttributeProto Of(string name, float value) => new() { Name = name, Type = Kind.Float, F = value };

    public static AttributeProto Of(string name, string value) =>
        new() { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Of(string name, TensorProto value) =>
        new() { Name = name, Type = Kind.Tensor, T = value };

    public static AttributeProto Of(string name, IEnumerable<long> values) =>
        new() { Name = name, Type = Kind.Ints, Ints = { values } };

    public static AttributeProto Of(string name, IEnumerable<float> values) =>
        new() { Name = name, Type = Kind.Floats, Floats = { values } };

    public static AttributeProto Of(string name, IEnumerable<string> values) =>
        new() { Name = name, Type = Kind.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };
}
