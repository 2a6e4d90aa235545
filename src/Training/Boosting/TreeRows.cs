namespace Gyre.Training.Boosting;

/// <summary>What all leaves of one tree share: the rows, which leaves hold runs of, room to part them, and their
/// gradients.</summary>
internal sealed class TreeRows
{
    /// <summary>Rows of the matrix; each leaf has a run of them, ascending.</summary>
    public int[] Rows = [];

    /// <summary>As long as <see cref="Rows"/>: where the rows that go right wait.</summary>
    public int[] Right = [];

    /// <summary>Pairs, one per row of the matrix.</summary>
    public float[] Gradients = [];

    /// <summary>Puts all rows of a matrix, or some, in one run.</summary>
    public void Start(int[]? rows, int all, float[] gradients)
    {
        Gradients = gradients;
        if (Rows.Length == 0) (Rows, Right) = (new int[all], new int[all]);
        if (rows is not null)
        {
            rows.CopyTo(Rows, 0);
            return;
        }

        for (var i = 0; i < Rows.Length; i++) Rows[i] = i;
    }

    public ReadOnlyMemory<int> Of(GrowingLeaf leaf) => Rows.AsMemory(leaf.Start, leaf.Count);
}
