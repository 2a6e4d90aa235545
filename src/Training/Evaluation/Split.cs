namespace Gyre.Training;

/// <summary>Row positions to learn from and to test on; disjoint, each ascending (in time order for time
/// splits).</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Test">The rows to test on.</param>
public sealed record Split(int[] Train, int[] Test);

/// <summary>How rows are parted.</summary>
public enum SplitKind
{
    /// <summary>At random.</summary>
    Random,

    /// <summary>At random within each class, so that shares stay alike; regression targets are parted at
    /// random.</summary>
    Stratified,

    /// <summary>The past for training, the future for testing.</summary>
    Time,
}
