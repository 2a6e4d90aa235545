using System.Collections.Immutable;

namespace Gyre.Models;

/// <summary>Types of a tensor's elements, numbered as in ONNX.</summary>
public enum TensorType
{
    /// <summary>No tensor, or one of a type that cannot be served.</summary>
    Other = 0,

    /// <summary>32-bit float.</summary>
    Float32 = 1,

    /// <summary>Unsigned byte.</summary>
    UInt8 = 2,

    /// <summary>Signed byte.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,

    /// <summary>16-bit integer.</summary>
    Int16 = 5,

    /// <summary>32-bit integer.</summary>
    Int32 = 6,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Text in UTF-8.</summary>
    Text = 8,

    /// <summary>A truth value, one byte that is 0 or 1.</summary>
    Bool = 9,

    /// <summary>16-bit float of IEEE 754.</summary>
    Float16 = 10,

    /// <summary>64-bit float.</summary>
    Float64 = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,

    /// <summary>The upper half of a 32-bit float.</summary>
    BFloat16 = 16,
}

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions, -1 where free; empty for a scalar.</param>
public sealed record TensorSpec(string Name, TensorType Type, ImmutableArray<long> Shape);

/// <summary>
/// A tensor: its elements as bytes (little-endian, row-major, without gaps), or as texts. Immutable by convention:
/// whoever fills the arrays gives them away.
/// </summary>
public sealed class TensorValue
{
    /// <summary>A tensor of numbers or truth values.</summary>
    /// <param name="type">The type of its elements, not text.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="bytes">Its elements; the shape's product times the size of an element.</param>
    public TensorValue(TensorType type, ImmutableArray<long> shape, byte[] bytes) =>
        (Type, Shape, Bytes, Texts) = (type, shape, bytes, []);

    /// <summary>A tensor of texts.</summary>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="texts">Its elements, as many as the shape's product.</param>
    public TensorValue(ImmutableArray<long> shape, string[] texts) =>
        (Type, Shape, Bytes, Texts) = (TensorType.Text, shape, [], texts);

    /// <summary>The type of the elements.</summary>
    public TensorType Type { get; }

    /// <summary>The dimensions; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The elements' bytes; empty for texts.</summary>
    public byte[] Bytes { get; }

    /// <summary>The texts; empty for other types.</summary>
    public string[] Texts { get; }

    /// <summary>The number of elements.</summary>
    public int Count => Type is TensorType.Text ? Texts.Length : Bytes.Length / SizeOf(Type);

    /// <summary>The bytes of an element: 1, 2, 4 or 8; 0 for text and for types that cannot be served.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.Bool or TensorType.Int8 or TensorType.UInt8 => 1,
        TensorType.Int16 or TensorType.UInt16 or TensorType.Float16 or TensorType.BFloat16 => 2,
        TensorType.Int32 or TensorType.UInt32 or TensorType.Float32 => 4,
        TensorType.Int64 or TensorType.UInt64 or TensorType.Float64 => 8,
        _ => 0,
    };
}
