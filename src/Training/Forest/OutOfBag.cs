using System.Collections.Immutable;
using Gyre.Training.Boosting;

namespace Gyre.Training.Forest;

/// <summary>Scores a forest on its training rows, each predicted by the trees that did not see it.</summary>
internal static class OutOfBag
{
    /// <summary>The score by the task's default metric; null when every tree saw every row.</summary>
    public static OutOfBagScore? Score(
        ImmutableArray<Tree> trees, ImmutableArray<LeafMeans> means, ForestTrainer.RowDraws draws, float[][] columns,
        TrainingSet set, TrainingContext context)
    {
        var outputs = set.Description.Outputs;
        var sums = new double[set.RowCount * outputs];
        var votes = new int[set.RowCount];
        var workers = new Workers(context.Threads);
        for (var t = 0; t < trees.Length; t++)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var (tree, leaves, drawn) = (trees[t], means[t], draws.Draw(t, context.Seed));
            workers.RunRanges(set.RowCount, 4096, (from, to) =>
            {
                var features = new float[columns.Length];
                for (var row = from; row < to; row++)
                {
                    if (drawn[row] > 0) continue;
                    for (var f = 0; f < features.Length; f++) features[f] = columns[f][row];
                    leaves.AddTo(sums.AsSpan(row * outputs, outputs), tree.LeafOf(features));
                    votes[row]++;
                }
            });
        }

        int[] seen = [.. Enumerable.Range(0, set.RowCount).Where(row => votes[row] > 0)];
        if (seen.Length == 0) return null;
        for (var i = 0; i < sums.Length; i++) sums[i] /= Math.Max(1, votes[i / outputs]);
        var predictions = new Predictions(set.Task, outputs, sums).Take(seen);
        var metric = Metrics.Default(set.Task);
        var target = Array.ConvertAll(seen, row => set.TargetMemory.Span[row]);
        return new OutOfBagScore(metric, Metrics.Compute(metric, target, predictions), seen.Length);
    }
}
