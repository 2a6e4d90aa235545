using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// The numbers that trees without categories look at, [N, columns] float32, so made that each node asks "at most":
/// a missing number is NaN, which is never at most anything, and minus infinity in a second column for the nodes that
/// send missing values left. The engine walks such trees faster than those that ask at each node what its rule is.
/// </summary>
internal sealed class NumericMatrix
{
    private readonly ImmutableArray<int> _positions;
    private readonly Dictionary<int, int> _lowered = [];

    /// <summary>Writes the matrix.</summary>
    /// <param name="math">Where to.</param>
    /// <param name="values">All features, [N, …] float32.</param>
    /// <param name="positions">Where each feature stands there.</param>
    /// <param name="width">The number of columns there.</param>
    /// <param name="trees">Trees of numeric splits.</param>
    public NumericMatrix(
        GraphMath math, string values, ImmutableArray<int> positions, int width, ImmutableArray<Tree> trees)
    {
        _positions = positions;
        var lowered = new SortedSet<int>();
        foreach (var tree in trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.IsLeaf(node) && tree.DefaultLeft[node]) lowered.Add(tree.Feature[node]);
            }
        }

        Name = values;
        if (lowered.Count == 0) return;
        foreach (var feature in lowered) _lowered.Add(feature, width + _lowered.Count);
        var at = math.Graph.Constant(Constants.Of([.. lowered.Select(f => (long)positions[f])], lowered.Count));
        var copies = math.Graph.Node("Gather", [values, at], NodeAttribute.Of("axis", 1L));
        var lowest = math.Graph.Constant(Constants.Of([float.NegativeInfinity], 1, 1));
        Name = math.Graph.Node("Concat",
            [values, math.Where(math.IsNaN(copies), lowest, copies)], NodeAttribute.Of("axis", 1L));
    }

    /// <summary>The value in the graph.</summary>
    public string Name { get; }

    /// <summary>The column that an inner node compares with its threshold.</summary>
    public int ColumnOf(Tree tree, int node) =>
        tree.DefaultLeft[node] ? _lowered[tree.Feature[node]] : _positions[tree.Feature[node]];
}
