using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// How much worse a model gets on test rows when one column is shuffled (Breiman 2001; Fisher, Rudin and Dominici
/// 2019). Columns that say the same share their importance: shuffling one leaves the other.
/// </summary>
public static class PermutationImportance
{
    /// <summary>Computes the importance of each feature.</summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="test">Rows that it was not trained on.</param>
    /// <param name="metric">The metric, see <see cref="Metrics"/>.</param>
    /// <param name="seed">Shuffles, and draws rows when there are more than <paramref name="maxRows"/>.</param>
    /// <param name="repeats">Shuffles per feature, at least 1.</param>
    /// <param name="maxRows">The most rows used, at least 2.</param>
    /// <param name="cancellationToken">Stops between predictions.</param>
    /// <returns>One per feature, the most important first; features of equal importance in the pipeline's
    /// order.</returns>
    public static ImmutableArray<FeatureImportance> Compute(
        FittedPipeline pipeline,
        TrainingSet test,
        string metric,
        ulong seed,
        int repeats = 3,
        int maxRows = 5000,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(test);
        return Compute(pipeline.Predict, test.Features, test.TargetMemory, pipeline.Inputs.Select(c => c.Name), metric, seed,
            repeats, maxRows, cancellationToken);
    }

    /// <summary>Computes the importance of columns to any model.</summary>
    /// <param name="predict">The model: one row of predictions per row of a table.</param>
    /// <param name="rows">Rows as the model takes them, that it was not trained on.</param>
    /// <param name="target">One per row.</param>
    /// <param name="columns">The columns to shuffle.</param>
    /// <param name="metric">The metric, see <see cref="Metrics"/>.</param>
    /// <param name="seed">Shuffles, and draws rows when there are more than <paramref name="maxRows"/>.</param>
    /// <param name="repeats">Shuffles per feature, at least 1.</param>
    /// <param name="maxRows">The most rows used, at least 2.</param>
    /// <param name="cancellationToken">Stops between predictions.</param>
    /// <returns>One per column, the most important first.</returns>
    public static ImmutableArray<FeatureImportance> Compute(
        Func<Table, Predictions> predict,
        Table rows,
        ReadOnlyMemory<double> target,
        IEnumerable<string> columns,
        string metric,
        ulong seed,
        int repeats = 3,
        int maxRows = 5000,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 2);
        var random = SeededRandom.ForStream(seed, 3);
        if (rows.RowCount > maxRows)
        {
            var sample = random.Sample(rows.RowCount, maxRows);
            rows = rows.Take(sample);
            target = Array.ConvertAll(sample, row => target.Span[row]);
        }

        var sign = Metrics.HigherIsBetter(metric) ? -1 : 1;
        var unshuffled = Metrics.Compute(metric, target.Span, predict(rows));
        var importances = new List<FeatureImportance>();
        foreach (var column in columns)
        {
            var losses = new double[repeats];
            for (var r = 0; r < repeats; r++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var shuffled = Metrics.Compute(metric, target.Span, predict(Shuffle(rows, column, random)));
                losses[r] = sign * (shuffled - unshuffled);
            }

            var spread = repeats > 1 ? Moments.StandardDeviation(losses) : 0;
            importances.Add(new FeatureImportance(column, Moments.Mean(losses), spread));
        }

        return [.. importances.OrderByDescending(i => i.Mean)];
    }

    private static Table Shuffle(Table table, string column, SeededRandom random)
    {
        var order = random.Permutation(table.RowCount);
        return new Table(table.Columns.Select(c => c.Name == column ? c.Take(order) : c));
    }
}

/// <summary>A feature's importance.</summary>
/// <param name="Feature">The column.</param>
/// <param name="Mean">The mean worsening of the metric, in its unit; positive means the feature helps, about 0 that it
/// does not matter.</param>
/// <param name="StandardDeviation">Over the shuffles; 0 for a single one.</param>
public sealed record FeatureImportance(string Feature, double Mean, double StandardDeviation);
