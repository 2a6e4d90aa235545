using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// The rounds of one training. Every round the gradients are computed, then one tree per output is grown. With several
/// outputs their trees are grown side by side, one thread each; with one output the threads share a tree.
/// </summary>
internal sealed class BoostingRun
{
    private readonly BinnedMatrix _matrix;
    private readonly double[] _target;
    private readonly BoostingOptions _options;
    private readonly BoostingLoss _loss;
    private readonly TrainingContext _context;
    private readonly Workers _workers;
    private readonly TreeGrower[] _growers;
    private readonly double[][] _scores;
    private readonly float[][] _gradients;

    public BoostingRun(
        BinnedMatrix matrix, double[] target, float[] baseScores, BoostingLoss loss, BoostingOptions options,
        TrainingContext context)
    {
        (_matrix, _target, _options, _loss, _context) = (matrix, target, options, loss, context);
        _workers = new Workers(context.Threads);
        var sideBySide = Math.Min(baseScores.Length, context.Threads);
        var inside = sideBySide > 1 ? new Workers(1) : _workers;
        _growers = new TreeGrower[sideBySide];
        for (var i = 0; i < sideBySide; i++) _growers[i] = new TreeGrower(matrix, options, inside);
        _scores = Array.ConvertAll(baseScores, score =>
        {
            var scores = new double[matrix.Rows];
            scores.AsSpan().Fill(score);
            return scores;
        });
        _gradients = Array.ConvertAll(baseScores, _ => new float[2 * matrix.Rows]);
    }

    /// <summary>The trees of each round.</summary>
    public List<GrownTree[]> Rounds { get; } = [];

    /// <summary>Boosts.</summary>
    /// <param name="rows">The rows to learn from, ascending; null for all.</param>
    /// <param name="rounds">The most rounds.</param>
    /// <param name="watched">Rows whose loss ends the rounds when it stops falling; null for none.</param>
    /// <param name="report">Told the round, from 1, and the watched loss.</param>
    /// <returns>The number of rounds after which the watched loss was least; all rounds when none is watched.</returns>
    public int Boost(int[]? rows, int rounds, WatchedRows? watched, Action<int, double?> report)
    {
        var random = SeededRandom.ForStream(_context.Seed, 2);
        var (best, least) = (0, watched?.MeanLoss(_loss) ?? 0);
        for (var round = 1; round <= rounds; round++)
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            var trees = GrowRound(rows, random);
            Rounds.Add(trees);
            if (watched is null)
            {
                report(round, null);
                continue;
            }

            for (var k = 0; k < trees.Length; k++) watched.Add(trees[k], k, _workers);
            var loss = watched.MeanLoss(_loss);
            report(round, loss);
            if (loss < least) (best, least) = (round, loss);
            else if (round - best >= _options.EarlyStoppingRounds) break;
        }

        return watched is null ? Rounds.Count : best;
    }

    private GrownTree[] GrowRound(int[]? rows, SeededRandom random)
    {
        _workers.RunRanges(
            _matrix.Rows, 8192, (from, to) => _loss.FillGradients(_scores, _target, _gradients, from, to));
        var sampled = _options.RowShare < 1 ? SampleRows(rows, random) : rows;
        var features = new bool[]?[_scores.Length];
        for (var k = 0; k < features.Length; k++) features[k] = SampleFeatures(random);
        var trees = new GrownTree[_scores.Length];
        _workers.Run(_growers.Length, g =>
        {
            for (var k = g; k < trees.Length; k += _growers.Length)
            {
                trees[k] = _growers[g].Grow(sampled, _gradients[k], features[k], _context.CancellationToken);
                if (sampled == rows) _growers[g].AddToScores(trees[k], _scores[k]);
                else AddToAllScores(trees[k], rows, _scores[k]);
            }
        });
        return trees;
    }

    private void AddToAllScores(GrownTree tree, int[]? rows, double[] scores)
    {
        var width = _matrix.Features.Length;
        _workers.RunRanges(rows?.Length ?? _matrix.Rows, 8192, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var row = rows is null ? i : rows[i];
                scores[row] += tree.Predict(_matrix.RowMajor.AsSpan(row * width, width));
            }
        });
    }

    private int[] SampleRows(int[]? rows, SeededRandom random)
    {
        var count = rows?.Length ?? _matrix.Rows;
        var sample = random.Sample(count, Math.Max(1, (int)Math.Round(count * _options.RowShare)));
        return rows is null ? sample : Array.ConvertAll(sample, i => rows[i]);
    }

    private bool[]? SampleFeatures(SeededRandom random)
    {
        var count = _matrix.Features.Length;
        var size = Math.Max(1, (int)Math.Round(count * _options.FeatureShare));
        if (size == count) return null;
        var allowed = new bool[count];
        foreach (var f in random.Sample(count, size)) allowed[f] = true;
        return allowed;
    }
}
