namespace Gyre.Training.Boosting;

/// <summary>Rows that are not learned from but whose loss is watched for early stopping.</summary>
internal sealed class WatchedRows
{
    private readonly BinnedMatrix _matrix;
    private readonly int[] _rows;
    private readonly double[] _target;
    private readonly double[][] _scores;

    public WatchedRows(BinnedMatrix matrix, int[] rows, double[] target, float[] baseScores)
    {
        (_matrix, _rows, _target) = (matrix, rows, target);
        _scores = Array.ConvertAll(baseScores, score =>
        {
            var scores = new double[rows.Length];
            scores.AsSpan().Fill(score);
            return scores;
        });
    }

    /// <summary>Adds a tree to an output's scores.</summary>
    public void Add(GrownTree tree, int output, Workers workers)
    {
        var scores = _scores[output];
        var width = _matrix.Features.Length;
        workers.RunRanges(_rows.Length, 4096, (from, to) =>
        {
            for (var i = from; i < to; i++)
                scores[i] += tree.Predict(_matrix.RowMajor.AsSpan(_rows[i] * width, width));
        });
    }

    /// <summary>The mean loss.</summary>
    public double MeanLoss(BoostingLoss loss)
    {
        var sum = 0.0;
        for (var i = 0; i < _rows.Length; i++) sum += loss.Loss(_scores, i, _target[_rows[i]]);
        return sum / _rows.Length;
    }
}
