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

    /// <summary>Signed byte, <see cref="sbyte"/>.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer, <see cref="ushort"/>.</summary>
    UInt16 = 4,

    /// <summary>16-bit integer, <see cref="short"/>.</summary>
    Int16 = 5,

    /// <summary>32-bit integer, <see cref="int"/>.</summary>
    Int32 = 6,

    /// <summary>64-bit integer, <see cref="long"/>.</summary>
    Int64 = 7,

    /// <summary>UTF-8 text, <see cref="string"/>.</summary>
    String = 8,

    /// <summary>Truth value in one byte, <see cref="bool"/>.</summary>
    Bool = 9,

    /// <summary>16-bit float, <see cref="Half"/>.</summary>
    Float16 = 10,

    /// <summary>64-bit float, <see cref="double"/>.</summary>
    Double = 11,

    /// <summary>Unsigned 32-bit integer, <see cref="uint"/>.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer, <see cref="ulong"/>.</summary>
    UInt64 = 13,

    /// <summary>The upper half of a 32-bit float; moved as bytes, .NET has no such type.</summary>
    BFloat16 = 16,
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
        : typeof(T) == typeof(sbyte) ? TensorElementType.Int8
        : typeof(T) == typeof(short) ? TensorElementType.Int16
        : typeof(T) == typeof(ushort) ? TensorElementType.UInt16
        : typeof(T) == typeof(uint) ? TensorElementType.UInt32
        : typeof(T) == typeof(ulong) ? TensorElementType.UInt64
        : typeof(T) == typeof(Half) ? TensorElementType.Float16
        : throw new ArgumentException(
            $"{typeof(T).Name} is not a tensor element (a number of 1 to 8 bytes, or bool).");

    /// <summary>Bytes of an element; 0 for strings and for what this binding does not move.</summary>
    public static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.Bool or TensorElementType.Int8 or TensorElementType.UInt8 => 1,
        TensorElementType.Int16 or TensorElementType.UInt16 or TensorElementType.Float16
            or TensorElementType.BFloat16 => 2,
        TensorElementType.Int32 or TensorElementType.UInt32 or TensorElementType.Float => 4,
        TensorElementType.Int64 or TensorElementType.UInt64 or TensorElementType.Double => 8,
        _ => 0,
    };
}
