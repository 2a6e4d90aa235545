using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gyre.Training;

/// <summary>
/// What trees tell apart in one feature: between two neighbouring thresholds, or outside all sets of categories, every value
/// takes the same side at every node. A bin is one such piece; the last bin is what is missing or unknown. Immutable.
/// </summary>
public sealed class SplitBins
{
    private readonly float[] _thresholds;

    private SplitBins(float[] thresholds, int codes, bool isCategorical)
    {
        (_thresholds, IsCategorical) = (thresholds, isCategorical);
        Count = (isCategorical ? codes : thresholds.Length) + 2;
    }

    /// <summary>Whether bins are categories: bin c is code c, and the last but one all codes in no set.</summary>
    public bool IsCategorical { get; }

    /// <summary>The number of bins, that of missing values included.</summary>
    public int Count { get; }

    /// <summary>The bin of missing and unknown values.</summary>
    public int Missing => Count - 1;

    /// <summary>The thresholds of a numeric feature, ascending; bin b holds what is above b of them.</summary>
    public ReadOnlySpan<float> Thresholds => _thresholds;

    /// <summary>The bins of each feature; null for one that no tree looks at, or whose splits are of both kinds.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="features">The number of features.</param>
    public static ImmutableArray<SplitBins?> Of(ImmutableArray<Tree> trees, int features)
    {
        var thresholds = new List<float>?[features];
        var codes = new int?[features];
        foreach (var tree in trees)
        {
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (tree.IsLeaf(node)) continue;
                var feature = tree.Feature[node];
                if (tree.CategorySet[node] < 0) (thresholds[feature] ??= []).Add(tree.Threshold[node]);
                else codes[feature] = tree.CategorySets[tree.CategorySet[node]].Append((codes[feature] ?? 0) - 1).Max() + 1;
            }
        }

        return
        [
            .. thresholds.Zip(codes, (numbers, count) => (numbers, count) switch
            {
                (null, { } known) => new SplitBins([], known, true),
                ({ } some, null) => new SplitBins([.. some.Distinct().Order()], 0, false),
                _ => null,
            }),
        ];
    }

    /// <summary>The bin of a value: a number, or a category's code.</summary>
    public int BinOf(float value)
    {
        if (float.IsNaN(value)) return Missing;
        if (IsCategorical) return Math.Min((int)value, Count - 2);
        // Halving without a branch: which way it goes nobody could guess. Shifted, not chosen, or it would become one.
        ref var first = ref MemoryMarshal.GetArrayDataReference(_thresholds);
        var (from, length) = (0, _thresholds.Length);
        while (length > 0)
        {
            var half = (length + 1) >> 1;
            from += half & -(Unsafe.Add(ref first, from + half - 1) < value ? 1 : 0);
            length -= half;
        }

        return from;
    }

    /// <summary>Whether the values of a bin go left at a node that looks at the feature.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="node">An inner node.</param>
    /// <param name="bin">The bin.</param>
    public bool GoesLeft(Tree tree, int node, int bin)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (bin == Missing) return tree.DefaultLeft[node];
        return IsCategorical
            ? tree.CategorySets[tree.CategorySet[node]].BinarySearch(bin) >= 0
            : bin < _thresholds.Length && _thresholds[bin] <= tree.Threshold[node];
    }
}
