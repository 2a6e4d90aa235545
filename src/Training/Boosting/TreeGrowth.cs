namespace Gyre.Training;

/// <summary>Which leaf of a growing tree is split next.</summary>
public enum TreeGrowth
{
    /// <summary>The one whose split gains most (option text "leaf").</summary>
    Leaf,

    /// <summary>Each of a level before those of the next (option text "depth").</summary>
    Depth,
}
