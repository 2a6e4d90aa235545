using System.Runtime.InteropServices;

namespace Gyre.Numerics;

/// <summary>
/// A node as <see cref="TreeWalk"/> wants it: children stand side by side, and a leaf is its own left child at which every
/// row stays, so that a step needs no branch. A row goes right when its key is above <see cref="Threshold"/>, or when the
/// node's table holds 1 at the key's lowest byte. Positions are counted in bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TreeNode
{
    /// <summary>The size of a node in bytes: 2 to the power of this.</summary>
    public const int SizeBits = 4;

    /// <summary>The key of the threshold; <see cref="uint.MaxValue"/> where only the table decides.</summary>
    public required uint Threshold { get; init; }

    /// <summary>Where the left child stands among the nodes; the right one is the next.</summary>
    public required int Left { get; init; }

    /// <summary>Where the feature's keys stand in a group of rows.</summary>
    public required int Keys { get; init; }

    /// <summary>Where the node's table begins; 0 is a table of zeros.</summary>
    public required int Table { get; init; }

    /// <summary>A leaf at a position, counted in nodes.</summary>
    public static TreeNode Leaf(int at) =>
        new() { Threshold = uint.MaxValue, Left = at << SizeBits, Keys = 0, Table = 0 };
}
