namespace Gyre.Tabular;

/// <summary>
/// Values of one column, one per row. Numeric columns are <see cref="Column{T}"/> of <see cref="double"/> (missing is NaN);
/// Integer and Timestamp of <see cref="long"/>; Boolean of <see cref="bool"/>; Categorical, Text and Id are
/// <see cref="CategoricalColumn"/>; Image is <see cref="ImageColumn"/>. Immutable by convention: whoever fills the arrays gives them away. Thread-safe to read.
/// </summary>
public abstract class Column
{
    private protected Column(string name, ColumnType type, int length) => (Name, Type, Length) = (name, type, length);

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>What the values mean.</summary>
    public ColumnType Type { get; }

    /// <summary>The number of rows.</summary>
    public int Length { get; }

    /// <summary>How many rows have no value.</summary>
    public abstract int MissingCount { get; }

    /// <summary>Whether the row has no value.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>
    /// The value as an object: <see cref="double"/>, <see cref="long"/> (also timestamps, in microseconds),
    /// <see cref="bool"/>, <see cref="string"/>, or null where missing. For display and JSON, not for hot loops.
    /// </summary>
    public abstract object? ValueAt(int row);

    /// <summary>The rows at the given positions, in that order; a position may repeat.</summary>
    public abstract Column Take(ReadOnlySpan<int> rows);

    /// <summary>The same values under another name.</summary>
    public abstract Column Rename(string name);
}
