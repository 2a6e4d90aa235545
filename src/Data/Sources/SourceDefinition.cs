using System.Collections.Immutable;

namespace Gyre.Data;

/// <summary>How a source's files are written.</summary>
public enum SourceFormat
{
    /// <summary>Decided per file by its ending, else by its first bytes.</summary>
    Auto,

    /// <summary>Comma, semicolon, tab or bar separated, UTF-8, with a header line; an empty field is missing.</summary>
    Csv,

    /// <summary>Parquet.</summary>
    Parquet,

    /// <summary>One JSON object per line.</summary>
    JsonLines,

    /// <summary>PNG images: a folder's, with a sub-folder per class.</summary>
    Png,

    /// <summary>IDX images (as MNIST's), with labels in a file of their own.</summary>
    Idx,
}

/// <summary>Where rows come from. Several files are read in order and united by column name; a column that a file lacks is missing there.</summary>
/// <param name="Paths">Absolute paths or globs (`*`, `?`, `[…]`, `**`); a glob's files stand in ordinal order. `.gz` is read as gzip. A folder: its
/// PNG images.</param>
/// <param name="Format">The format of all files, or Auto to decide for each.</param>
public sealed record SourceDefinition(ImmutableArray<string> Paths, SourceFormat Format = SourceFormat.Auto)
{
    /// <summary>The labels of IDX images, a file per path; empty takes the file of like name beside each, if there is
    /// one.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>Whether a row that repeats an earlier one in every column of the source is left out.</summary>
    public bool Distinct { get; init; }

    /// <inheritdoc/>
    public bool Equals(SourceDefinition? other) =>
        other is not null && Format == other.Format && Distinct == other.Distinct && Paths.SequenceEqual(other.Paths) && Labels.SequenceEqual(other.Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Format, Paths.Length);
}
