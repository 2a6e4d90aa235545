namespace Gyre.Tracking.Search;

/// <summary>What a field belongs to.</summary>
internal enum FieldKind
{
    Attribute,
    Metric,
    Param,
    Tag,
    Dataset,
}

/// <summary>What a field holds, and so what it may be compared with.</summary>
internal enum FieldType
{
    Text,

    /// <summary>A 64-bit whole number: a time in milliseconds, a version.</summary>
    Integer,

    Real,
}

internal enum ComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    ILike,
    In,
    NotIn,
    IsNull,
    IsNotNull,
}

/// <summary>One clause of a filter; all clauses must hold.</summary>
/// <param name="Kind">What the field belongs to.</param>
/// <param name="Key">The key of a metric, parameter or tag; of an attribute the canonical name.</param>
/// <param name="Type">What the field holds.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">
/// A <c>string</c>; a <c>double</c>; for a whole-number field a <c>long</c>, or a <c>double</c> where it is none; for
/// IN a <c>string[]</c>; for IS [NOT] NULL null.
/// </param>
/// <param name="Position">Where the clause begins in the filter.</param>
internal sealed record Comparison(
    FieldKind Kind, string Key, FieldType Type, ComparisonOperator Operator, object? Value, int Position);

/// <summary>One item of an order.</summary>
/// <param name="Kind">What the field belongs to.</param>
/// <param name="Key">As in <see cref="Comparison"/>.</param>
/// <param name="Type">What the field holds.</param>
/// <param name="Descending">True for DESC.</param>
internal sealed record Ordering(FieldKind Kind, string Key, FieldType Type, bool Descending);
