namespace Gyre.Models.Expressions;

/// <summary>
/// The types a compiled expression works in: exact ones, so that only the model's door rounds to float32.
/// </summary>
internal enum OperandType
{
    /// <summary>A NULL without a type.</summary>
    Unknown,

    /// <summary>float64.</summary>
    Number,

    /// <summary>int64.</summary>
    Integer,

    /// <summary>bool.</summary>
    Truth,

    /// <summary>string.</summary>
    Text,

    /// <summary>int64, microseconds since 1970-01-01 UTC.</summary>
    Time,
}

/// <summary>A compiled expression: a value of the graph and, beside it, where it is NULL.</summary>
/// <param name="Name">The value; arbitrary (never harmful) where NULL.</param>
/// <param name="Type">Its type.</param>
/// <param name="Null">A bool value that is true where this one is NULL; null when it never is.</param>
/// <param name="PerRow">Whether the value surely is [N, 1]; otherwise it may be a constant's [1, 1]. Its mask may be
/// either.</param>
/// <param name="Literal">The value of a constant, for functions that need one.</param>
/// <param name="CanBeNaN">Whether a number may be NaN without being NULL, as 0/0 is; SQL orders NaN above all
/// numbers.</param>
/// <param name="NullIsNaN">Whether a number's value is NaN wherever it is NULL.</param>
internal readonly record struct Operand(
    string Name,
    OperandType Type,
    string? Null,
    bool PerRow,
    object? Literal = null,
    bool CanBeNaN = false,
    bool NullIsNaN = false)
{
    /// <summary>Whether the value alone, with NaN for NULL, says all.</summary>
    public bool CarriesNull => Null is null || NullIsNaN;
}
