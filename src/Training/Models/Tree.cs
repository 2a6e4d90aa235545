using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>
/// A binary decision tree as flat arrays, one element per node; node 0 is the root and children stand behind their
/// parents. At an inner node with feature f and value x = row[f]: NaN goes left when <see cref="DefaultLeft"/>, else
/// right; a number goes left when x ≤ <see cref="Threshold"/>; a category goes left when its code is in the node's
/// <see cref="CategorySets"/>. Immutable.
/// </summary>
public sealed class Tree
{
    /// <summary>In <see cref="Feature"/>: the node is a leaf.</summary>
    public const int Leaf = -1;

    /// <summary>Which score the leaf values add to: 0, or the class's position in a multiclass model.</summary>
    public required int Output { get; init; }

    /// <summary>The feature an inner node looks at; <see cref="Leaf"/> for a leaf.</summary>
    public required ImmutableArray<int> Feature { get; init; }

    /// <summary>The threshold of a numeric split; 0 elsewhere.</summary>
    public required ImmutableArray<float> Threshold { get; init; }

    /// <summary>The left child's position; 0 for a leaf.</summary>
    public required ImmutableArray<int> Left { get; init; }

    /// <summary>The right child's position; 0 for a leaf.</summary>
    public required ImmutableArray<int> Right { get; init; }

    /// <summary>Whether missing (NaN) goes left; false for a leaf.</summary>
    public required ImmutableArray<bool> DefaultLeft { get; init; }

    /// <summary>A categorical split's position in <see cref="CategorySets"/>; −1 for numeric splits and
    /// leaves.</summary>
    public required ImmutableArray<int> CategorySet { get; init; }

    /// <summary>The category codes that go left, ascending, per categorical split. Other known codes go
    /// right.</summary>
    public required ImmutableArray<ImmutableArray<int>> CategorySets { get; init; }

    /// <summary>What a leaf adds to the score, learning rate included; 0 for an inner node.</summary>
    public required ImmutableArray<float> Value { get; init; }

    /// <summary>The gain in loss of an inner node's split, for importance; 0 for a leaf.</summary>
    public required ImmutableArray<float> Gain { get; init; }

    /// <summary>How many training rows passed each node (of those drawn for the tree): the weights by which TreeSHAP
    /// averages over the two children of a split.</summary>
    public required ImmutableArray<float> Cover { get; init; }

    /// <summary>The number of nodes.</summary>
    public int NodeCount => Feature.Length;

    /// <summary>Whether the node is a leaf.</summary>
    public bool IsLeaf(int node) => Feature[node] == Leaf;

    /// <summary>The position of the leaf that a row ends in. The plain form of the rule above.</summary>
    /// <param name="row">One float32 per feature.</param>
    public int LeafOf(ReadOnlySpan<float> row)
    {
        var node = 0;
        while (!IsLeaf(node)) node = GoesLeft(node, row[Feature[node]]) ? Left[node] : Right[node];
        return node;
    }

    internal bool GoesLeft(int node, float x)
    {
        if (float.IsNaN(x)) return DefaultLeft[node];
        return CategorySet[node] < 0 ? x <= Threshold[node] : CategorySets[CategorySet[node]].BinarySearch((int)x) >= 0;
    }
}
