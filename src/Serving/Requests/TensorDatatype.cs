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
/// <param name="Kind">How its values are written in JSON.</param>
/// <param name="Size">The bytes of an element in the raw forms; 0 for BYTES, whose elements state their length.</param>
/// <param name="Least">The least value of an integer datatype.</param>
/// <param name="Greatest">
/// The greatest value of an integer datatype; UINT64 is accepted up to the greatest INT64.
/// </param>
internal sealed record TensorDatatype(string Name, TensorKind Kind, int Size, long Least = 0, long Greatest = 0)
{
    public static readonly TensorDatatype Bool = new("BOOL", TensorKind.Bool, 1);
    public static readonly TensorDatatype Int64 = new("INT64", TensorKind.Integer, 8, long.MinValue, long.MaxValue);
    public static readonly TensorDatatype Float32 = new("FP32", TensorKind.Float, 4);
    public static readonly TensorDatatype Float64 = new("FP64", TensorKind.Float, 8);
    public static readonly TensorDatatype Bytes = new("BYTES", TensorKind.Bytes, 0);

    public static readonly TensorDatatype UInt8 = new("UINT8", TensorKind.Integer, 1, 0, byte.MaxValue);

    private static readonly Dictionary<string, TensorDatatype> InJson = new TensorDatatype[]
    {
        Bool, Int64, Float32, Float64, Bytes, UInt8,
        new("INT8", TensorKind.Integer, 1, sbyte.MinValue, sbyte.MaxValue),
        new("INT16", TensorKind.Integer, 2, short.MinValue, short.MaxValue),
        new("INT32", TensorKind.Integer, 4, int.MinValue, int.MaxValue),
        new("UINT16", TensorKind.Integer, 2, 0, ushort.MaxValue),
        new("UINT32", TensorKind.Integer, 4, 0, uint.MaxValue),
        new("UINT64", TensorKind.Integer, 8, 0, long.MaxValue),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, TensorDatatype> Raw = InJson.Values
        .Append(new("FP16", TensorKind.Float, 2)).Append(new("BF16", TensorKind.Float, 2))
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    private const int LongestName = 6;

    private static readonly Dictionary<string, TensorDatatype>.AlternateLookup<ReadOnlySpan<char>> RawByName =
        Raw.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The datatype of a name, or null. FP16 and BF16 have no JSON form.</summary>
    public static TensorDatatype? Find(string name) => InJson.GetValueOrDefault(name);

    /// <summary>The datatype of a name, or null, among those that raw contents may have: all.</summary>
    public static TensorDatatype? FindRaw(string name) => Raw.GetValueOrDefault(name);

    /// <summary>As <see cref="FindRaw(string)"/>, of a name in UTF-8.</summary>
    public static TensorDatatype? FindRaw(ReadOnlySpan<byte> utf8)
    {
        Span<char> name = stackalloc char[LongestName];
        if (utf8.Length > LongestName) return null;
        System.Text.Ascii.ToUtf16(utf8, name, out var length);
        return RawByName.TryGetValue(name[..length], out var type) ? type : null;
    }
}
