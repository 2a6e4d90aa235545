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
    private readonly double[]? _weights;
    private readonly GrowthRules _rules;
    private readonly BoostingOptions _options;
    private readonly BoostingLoss _loss;
    private readonly TrainingContext _context;
    private readonly Workers _workers;
    private readonly TreeGrower[] _growers;
    private readonly double[][] _scores;
    private readonly float[][] _gradients;

    public BoostingRun(
        BinnedMatrix matrix, double[] target, float[] baseScores, BoostingLoss loss, GrowthRules rules,
        TrainingContext context)
    {
        (_matrix, _target, _loss, _context) = (matrix, target, loss, context);
        (_rules, _options, _weights) = (rules, rules.Options, rules.Weights);
        _workers = new Workers(context.Threads);
        var sideBySide = Math.Min(baseScores.Length, context.Threads);
        var inside = sideBySide > 1 ? new Workers(1) : _workers;
        _growers = new TreeGrower[sideBySide];
        for (var i = 0; i < sideBySide; i++) _growers[i] = new TreeGrower(matrix, rules, inside);
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
    /// <param name="watched">Ends the rounds when what it watches stops improving; null for none.</param>
    /// <param name="report">Told the round, from 1, and the watched value.</param>
    /// <returns>The number of rounds after which what is watched was best; all rounds when nothing is.</returns>
    public int Boost(int[]? rows, int rounds, EarlyStopping? watched, Action<int, double?> report)
    {
        var random = SeededRandom.ForStream(_context.Seed, 2);
        for (var round = 1; round <= rounds; round++)
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            var trees = GrowRound(rows, random);
            Rounds.Add(trees);
            report(round, watched?.Add(trees, round, _workers));
            if (watched?.HasEnded(round) == true) break;
        }

        return watched?.BestRound ?? Rounds.Count;
    }

    private GrownTree[] GrowRound(int[]? rows, SeededRandom random)
    {
        var clock = PhaseClock.Start();
        _workers.RunRanges(_matrix.Rows, 8192, FillGradients);
        PhaseClock.Stop(clock, PhaseClock.Gradients);
        var sampled = _options.RowShare < 1 ? SampleRows(rows, random) : rows;
        var features = new FeatureSampler?[_scores.Length];
        for (var k = 0; SamplesFeatures && k < features.Length; k++)
            features[k] = new FeatureSampler(_options, _matrix.Features.Length, random.Split());
        var trees = new GrownTree[_scores.Length];
        _workers.Run(_growers.Length, g =>
        {
            for (var k = g; k < trees.Length; k += _growers.Length)
            {
                var grower = _growers[g];
                var tree = grower.Grow(sampled, _gradients[k], features[k], _context.CancellationToken);
                var scoring = PhaseClock.Start();
                if (_loss.RenewsLeaves)
                    LeafRenewal.Renew(tree, grower, _loss, _scores[k], _target, _rules, _workers);
                if (sampled == rows) grower.AddToScores(tree, _scores[k]);
                else AddToAllScores(tree, rows, _scores[k]);
                PhaseClock.Stop(scoring, PhaseClock.Scores);
                trees[k] = tree;
            }
        });
        return trees;
    }

    private bool SamplesFeatures =>
        _options.FeatureShare < 1 || _options.LevelFeatureShare < 1 || _options.NodeFeatureShare < 1;

    private void FillGradients(int from, int to)
    {
        _loss.FillGradients(_scores, _target, _gradients, from, to);
        if (_weights is null) return;
        foreach (var pairs in _gradients)
        {
            for (var row = from; row < to; row++)
            {
                var weight = (float)_weights[row];
                pairs[2 * row] *= weight;
                pairs[(2 * row) + 1] *= weight;
            }
        }
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
}
