using System.Collections.Immutable;

namespace Gyre.Models.Export;

/// <summary>
/// A feature of trees in the matrix. A number has one column. Categories have one column per group of
/// <see cref="GroupSize"/>: its codes are 1 to 63 for the group's own categories, 0 for the other groups', and in the
/// first
/// group 64 for missing and unknown values. So every code fits a bit of the mask that the engine tests at once.
/// </summary>
/// <param name="Positions">The columns in the matrix.</param>
internal sealed record TreeEnsembleFeature(ImmutableArray<int> Positions)
{
    /// <summary>Categories per column.</summary>
    public const int GroupSize = 63;

    /// <summary>The code of missing and unknown values in the first column.</summary>
    public const int MissingCode = 64;

    /// <summary>A code that no row has.</summary>
    public const int NeverCode = -1;

    /// <summary>How many columns a number of categories needs.</summary>
    public static int Groups(int categories) => Math.Max(1, (categories + GroupSize - 1) / GroupSize);

    /// <summary>The codes of one group's column.</summary>
    public static (string[] Names, float[] Codes, float Other) Encoding(ImmutableArray<string> categories, int group)
    {
        string[] names = [.. categories.Skip(group * GroupSize).Take(GroupSize)];
        float[] codes = [.. names.Select((_, i) => (float)(i + 1))];
        if (group > 0) return (names, codes, 0);

        // In the first group the others' categories must be told from unknown ones.
        string[] others = [.. categories.Skip(GroupSize)];
        return ([.. names, .. others], [.. codes, .. others.Select(_ => 0f)], MissingCode);
    }

    /// <summary>The equalities that make up "is in the set": matrix column and code.</summary>
    public ImmutableArray<(int Position, int Code)> Links(ImmutableArray<int> categories, bool missing) =>
    [
        .. categories.Select(c => (c / GroupSize, (c % GroupSize) + 1))
            .Concat(missing ? [(0, MissingCode)] : [])
            .OrderBy(link => link.Item1).ThenBy(link => link.Item2)
            .Select(link => (Positions[link.Item1], link.Item2)),
    ];
}
