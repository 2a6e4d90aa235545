using System.Text;
using System.Text.Json;
using Gyre.Models;

namespace Gyre.Serving.Requests;

/// <summary>How the JSON values of a datatype are written.</summary>
internal enum TensorKind
{
    /// <summary>true or false.</summary>
    Bool,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Float,

    /// <summary>A string.</summary>
    Bytes,
}

/// <summary>A datatype of the Open Inference Protocol.</summary>
/// <param name="Name">Its name in requests and answers.</param>
/// <param name="Type">Its type in graphs.</param>
/// <param name="Kind">How its values are written in JSON.</param>
/// <param name="Size">The bytes of an element in the raw forms; 0 for BYTES, whose elements state their length.</param>
/// <param name="Least">The least value of an integer datatype.</param>
/// <param name="Greatest">
/// The greatest value of an integer datatype; UINT64 is accepted up to the greatest INT64.
/// </param>
internal sealed record TensorDatatype(
    string Name, TensorType Type, TensorKind Kind, int Size, long Least = 0, long Greatest = 0)
{
    public static readonly TensorDatatype Bool = new("BOOL", TensorType.Bool, TensorKind.Bool, 1);
    public static readonly TensorDatatype Int64 = new("INT64", TensorType.Int64, TensorKind.Integer, 8, long.MinValue, long.MaxValue);
    public static readonly TensorDatatype Float32 = new("FP32", TensorType.Float32, TensorKind.Float, 4);
    public static readonly TensorDatatype Float64 = new("FP64", TensorType.Float64, TensorKind.Float, 8);
    public static readonly TensorDatatype Bytes = new("BYTES", TensorType.Text, TensorKind.Bytes, 0);

    public static readonly TensorDatatype UInt8 = new("UINT8", TensorType.UInt8, TensorKind.Integer, 1, 0, byte.MaxValue);

    private static readonly Dictionary<string, TensorDatatype> InJson = new TensorDatatype[]
    {
        Bool, Int64, Float32, Float64, Bytes, UInt8,
        new("INT8", TensorType.Int8, TensorKind.Integer, 1, sbyte.MinValue, sbyte.MaxValue),
        new("INT16", TensorType.Int16, TensorKind.Integer, 2, short.MinValue, short.MaxValue),
        new("INT32", TensorType.Int32, TensorKind.Integer, 4, int.MinValue, int.MaxValue),
        new("UINT16", TensorType.UInt16, TensorKind.Integer, 2, 0, ushort.MaxValue),
        new("UINT32", TensorType.UInt32, TensorKind.Integer, 4, 0, uint.MaxValue),
        new("UINT64", TensorType.UInt64, TensorKind.Integer, 8, 0, long.MaxValue),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, TensorDatatype> Raw = InJson.Values
        .Append(new("FP16", TensorType.Float16, TensorKind.Float, 2)).Append(new("BF16", TensorType.BFloat16, TensorKind.Float, 2))
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly Dictionary<TensorType, TensorDatatype> ByType = Raw.Values.ToDictionary(type => type.Type);

    private static readonly TensorDatatype[] InOrder =
        [Float64, Bytes, Int64, Float32, Bool, .. Raw.Values.Except([Float64, Bytes, Int64, Float32, Bool])];

    private static readonly byte[][] Names = [.. InOrder.Select(type => Encoding.UTF8.GetBytes(type.Name))];

    /// <summary>Whether JSON can carry it; FP16 and BF16 travel as raw contents only.</summary>
    public bool HasJson => Type is not (TensorType.Float16 or TensorType.BFloat16);

    /// <summary>The datatype of a graph's type.</summary>
    public static TensorDatatype Of(TensorType type) => ByType[type];

    /// <summary>The datatype of a name, or null, among those that raw contents may have: all.</summary>
    public static TensorDatatype? FindRaw(string name) => Raw.GetValueOrDefault(name);

    /// <summary>As <see cref="FindRaw(string)"/>, of a name in UTF-8.</summary>
    public static TensorDatatype? FindRaw(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (utf8.SequenceEqual(Names[i])) return InOrder[i];
        }

        return null;
    }

    /// <summary>The datatype that the reader stands on, or null.</summary>
    public static TensorDatatype? Find(ref Utf8JsonReader json) => json.ValueIsEscaped
        ? FindRaw(json.GetString()!) // a string token has text
        : FindRaw(json.ValueSpan);

    /// <summary>A datatype that the protocol does not have.</summary>
    public static RequestRejectedException Unknown(string? input, string datatype)
    {
        var problem = $"the datatype '{RequestRejectedException.Shorten(datatype)}' is not one of the protocol";
        return input is null
            ? RequestRejectedException.Whole(RejectionReason.WrongType, $"A tensor: {problem}.")
            : RequestRejectedException.In(RejectionReason.WrongType, input, problem);
    }
}
