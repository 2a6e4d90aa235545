namespace Gyre.OnnxRuntime;

/// <summary>Types of a tensor's elements, numbered as in ONNX. Only those that this binding moves are named.</summary>
public enum TensorElementType
{
    /// <summary>Not a tensor, or a type that this binding does not move.</summary>
    Undefined = 0,

    /// <summary>32-bit float, <see cref="float"/>.</summary>
    Float = 1,

    /// <summary>Unsigned byte, <see cref="byte"/>.</summary>
    UInt8 = 2,

    /// <summary>32-bit integer, <see cref="int"/>.</summary>
    Int32 = 6,

    /// <summary>64-bit integer, <see cref="long"/>.</summary>
    Int64 = 7,

    /// <summary>UTF-8 text, <see cref="string"/>.</summary>
    String = 8,

    /// <summary>Truth value in one byte, <see cref="bool"/>.</summary>
    Bool = 9,

    /// <summary>64-bit float, <see cref="double"/>.</summary>
    Double = 11,
}

internal static class TensorElementTypes
{
    public static TensorElementType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? TensorElementType.Float
        : typeof(T) == typeof(double) ? TensorElementType.Double
        : typeof(T) == typeof(long) ? TensorElementType.Int64
        : typeof(T) == typeof(int) ? TensorElementType.Int32
        : typeof(T) == typeof(bool) ? TensorElementType.Bool
        : typeof(T) == typeof(byte) ? TensorElementType.UInt8
        : throw new ArgumentException(
            $"{typeof(T).Name} is not a tensor element (float, double, long, int, bool, byte).");
}
