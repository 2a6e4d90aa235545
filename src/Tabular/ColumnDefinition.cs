namespace Gyre.Tabular;

/// <summary>A named, typed place in a <see cref="Schema"/>.</summary>
/// <param name="Name">The name, unique in its schema; compared by ordinal.</param>
/// <param name="Type">What the values mean.</param>
/// <param name="Nullable">Whether values may be missing.</param>
public sealed record ColumnDefinition(string Name, ColumnType Type, bool Nullable = true)
{
    /// <summary>The size of an Image column's images; null for other types.</summary>
    public ImageShape? Image { get; init; }
}
