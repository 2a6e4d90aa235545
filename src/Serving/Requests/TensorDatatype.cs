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

/// <summary>A datatype of the Open Inference Protocol that has a JSON form.</summary>
/// <param name="Name">Its name in requests and answers.</param>
/// <param name="Kind">How its values are written.</param>
/// <param name="Least">The least value of an integer datatype.</param>
/// <param name="Greatest">
/// The greatest value of an integer datatype; UINT64 is accepted up to the greatest INT64.
/// </param>
internal sealed record TensorDatatype(string Name, TensorKind Kind, long Least = 0, long Greatest = 0)
{
    public static readonly TensorDatatype Bool = new("BOOL", TensorKind.Bool);
    public static readonly TensorDatatype Int64 = new("INT64", TensorKind.Integer, long.MinValue, long.MaxValue);
    public static readonly TensorDatatype Float32 = new("FP32", TensorKind.Float);
    public static readonly TensorDatatype Float64 = new("FP64", TensorKind.Float);
    public static readonly TensorDatatype Bytes = new("BYTES", TensorKind.Bytes);

    public static readonly TensorDatatype UInt8 = new("UINT8", TensorKind.Integer, 0, byte.MaxValue);

    private static readonly Dictionary<string, TensorDatatype> ByName = new TensorDatatype[]
    {
        Bool, Int64, Float32, Float64, Bytes, UInt8,
        new("INT8", TensorKind.Integer, sbyte.MinValue, sbyte.MaxValue),
        new("INT16", TensorKind.Integer, short.MinValue, short.MaxValue),
        new("INT32", TensorKind.Integer, int.MinValue, int.MaxValue),
        new("UINT16", TensorKind.Integer, 0, ushort.MaxValue),
        new("UINT32", TensorKind.Integer, 0, uint.MaxValue),
        new("UINT64", TensorKind.Integer, 0, long.MaxValue),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>The datatype of a name, or null. FP16 and BF16 travel only as raw contents.</summary>
    public static TensorDatatype? Find(string name) => ByName.GetValueOrDefault(name);
}
