namespace Gyre.Tabular;

/// <summary>What a column means, from the raw file to the prediction request.</summary>
public enum ColumnType
{
    /// <summary>Real numbers. Held as <see cref="double"/>; missing is NaN.</summary>
    Numeric,

    /// <summary>Whole numbers. Held as <see cref="long"/>.</summary>
    Integer,

    /// <summary>True or false. Held as <see cref="bool"/>.</summary>
    Boolean,

    /// <summary>One of a limited set of names. Held as codes into a list of categories.</summary>
    Categorical,

    /// <summary>Free text. Held as codes into a list of distinct values.</summary>
    Text,

    /// <summary>A point in time. Held as microseconds since 1970-01-01 UTC in a <see cref="long"/>.</summary>
    Timestamp,

    /// <summary>A name or number that identifies the row and means nothing else. Held as text.</summary>
    Id,

    /// <summary>Images of one size. Held as bytes in an <see cref="ImageColumn"/>.</summary>
    Image,
}
