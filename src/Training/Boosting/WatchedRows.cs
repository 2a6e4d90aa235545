using Gyre.Tabular;

namespace Gyre.Training.Boosting;

/// <summary>Rows that are not learned from but whose loss is watched for early stopping.</summary>
internal sealed class WatchedRows
{
    private readonly BinnedMatrix _matrix;
    private readonly int[] _rows;
    private readonly double[] _target;
    private readonly double[]? _weights;
    private readonly double[][] _scores;

    /// <summary>Watches some rows of a matrix.</summary>
    /// <param name="matrix">The bins.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="set">The rows of the whole matrix.</param>
    /// <param name="baseScores">Where scores start, one per output.</param>
    public WatchedRows(BinnedMatrix matrix, int[] rows, TrainingSet set, float[] baseScores)
    {
        (_matrix, _rows, Task) = (matrix, rows, set.Task);
        _target = Array.ConvertAll(rows, row => set.TargetMemory.Span[row]);
        if (!set.Weights.IsEmpty) _weights = Array.ConvertAll(rows, row => set.WeightsMemory.Span[row]);
        if (_weights is not null && Array.TrueForAll(_weights, w => w == 0)) _weights = null;
        _scores = Array.ConvertAll(baseScores, score =>
        {
            var scores = new double[rows.Length];
            scores.AsSpan().Fill(score);
            return scores;
        });
    }

    public TaskKind Task { get; }

    /// <summary>One per watched row.</summary>
    public ReadOnlySpan<double> Target => _target;

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

    /// <summary>The mean loss, by weight.</summary>
    public double MeanLoss(BoostingLoss loss)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < _rows.Length; i++)
        {
            var weight = _weights?[i] ?? 1;
            sum += weight * loss.Loss(_scores, i, _target[i]);
            total += weight;
        }

        return sum / total;
    }

    /// <summary>The predictions so far.</summary>
    public Predictions Predict(OutputLink link)
    {
        var outputs = _scores.Length;
        var values = new double[_rows.Length * outputs];
        for (var i = 0; i < values.Length; i++) values[i] = _scores[i % outputs][i / outputs];
        OutputLinks.Apply(link, values, outputs);
        return new Predictions(Task, outputs, values);
    }
}
