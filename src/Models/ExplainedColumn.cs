using System.Collections.Immutable;

namespace Gyre.Models;

/// <summary>
/// What a contribution belongs to: a raw column, with all features that are made of it alone, or something computed
/// from
/// several raw columns, whose shares cannot be told apart.
/// </summary>
/// <param name="Name">The raw column, the derived column or the transform.</param>
/// <param name="Sources">The raw columns that it is computed from; empty for a raw column.</param>
public sealed record ExplainedColumn(string Name, ImmutableArray<string> Sources)
{
    /// <summary>Whether it is a column of the request.</summary>
    public bool IsRaw => Sources.IsEmpty;
}
