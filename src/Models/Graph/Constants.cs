using Google.Protobuf;
using Onnx;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Graph;

/// <summary>Makes constant tensors, row-major.</summary>
internal static class Constants
{
    public static TensorProto Of(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape)
    {
        var tensor = New(Kind.Double, shape);
        foreach (var value in values) tensor.DoubleData.Add(value);
        return tensor;
    }

    public static TensorProto Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        var tensor = New(Kind.Float, shape);
        foreach (var value in values) tensor.FloatData.Add(value);
        return tensor;
    }

    public static TensorProto Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape)
    {
        var tensor = New(Kind.Int64, shape);
        foreach (var value in values) tensor.Int64Data.Add(value);
        return tensor;
    }

    public static TensorProto Of(ReadOnlySpan<bool> values, params ReadOnlySpan<long> shape)
    {
        var tensor = New(Kind.Bool, shape);
        foreach (var value in values) tensor.Int32Data.Add(value ? 1 : 0);
        return tensor;
    }

    public static TensorProto Of(ReadOnlySpan<string> values, params ReadOnlySpan<long> shape)
    {
        var tensor = New(Kind.String, shape);
        foreach (var value in values) tensor.StringData.Add(ByteString.CopyFromUtf8(value));
        return tensor;
    }

    private static TensorProto New(Kind type, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { DataType = (int)type };
        foreach (var dimension in shape) tensor.Dims.Add(dimension);
        return tensor;
    }
}
