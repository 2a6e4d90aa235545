using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>Trains and tests once per fold. Immutable, thread-safe.</summary>
/// <param name="trainer">What trains.</param>
/// <param name="folds">The folds, from <see cref="Splitter.Folds"/>.</param>
public sealed class CrossValidation(ITrainer trainer, ImmutableArray<Split> folds)
{
    /// <summary>Runs every fold, one after the other, each with the whole of the context's threads.</summary>
    /// <param name="set">The rows that the folds are of.</param>
    /// <param name="context">Seed, threads, progress and cancellation.</param>
    /// <param name="metric">A metric beside the reported ones; null for none.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public CrossValidationResult Run(TrainingSet set, TrainingContext context, string? metric = null)
    {
        var results = ImmutableArray.CreateBuilder<FoldResult>(folds.Length);
        var outputs = set.Description.Outputs;
        var outOfFold = new double[set.RowCount * outputs];
        outOfFold.AsSpan().Fill(double.NaN);
        foreach (var fold in folds)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var test = set.Take(fold.Test);
            var predictions = trainer.Train(set.Take(fold.Train), null, context).Predict(test.Features);
            results.Add(new FoldResult(fold.Train.Length, fold.Test.Length, Metrics.Evaluate(test, predictions, metric)));
            for (var i = 0; i < fold.Test.Length; i++)
                predictions.Values.Slice(i * outputs, outputs).CopyTo(outOfFold.AsSpan(fold.Test[i] * outputs));
        }

        return new CrossValidationResult(
            results.ToImmutable(), Summarize(results), new Predictions(set.Task, outputs, outOfFold));
    }

    private static ImmutableSortedDictionary<string, MetricSummary> Summarize(
        IReadOnlyCollection<FoldResult> results) =>
        results.SelectMany(r => r.Metrics).GroupBy(m => m.Key, m => m.Value).ToImmutableSortedDictionary(
            g => g.Key,
            g => new MetricSummary(
                Moments.Mean(g.ToArray()), g.Count() > 1 ? Moments.StandardDeviation(g.ToArray()) : 0, g.Count()),
            StringComparer.Ordinal);
}

/// <summary>One fold.</summary>
/// <param name="TrainRows">The rows learned from.</param>
/// <param name="TestRows">The rows tested on.</param>
/// <param name="Metrics">Each metric on the test rows.</param>
public sealed record FoldResult(int TrainRows, int TestRows, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A metric over folds.</summary>
/// <param name="Mean">The mean over the folds in which it is defined.</param>
/// <param name="StandardDeviation">The sample deviation between folds; 0 for a single one.</param>
/// <param name="Folds">The folds in which it is defined.</param>
public sealed record MetricSummary(double Mean, double StandardDeviation, int Folds);

/// <summary>All folds.</summary>
/// <param name="Folds">Each fold, in order.</param>
/// <param name="Metrics">Each metric over the folds.</param>
/// <param name="OutOfFold">
/// The prediction of each row by the model that had not seen it; NaN for rows that no fold tested (the first block of a
/// forward chain).
/// </param>
public sealed record CrossValidationResult(
    ImmutableArray<FoldResult> Folds, IReadOnlyDictionary<string, MetricSummary> Metrics, Predictions OutOfFold);
