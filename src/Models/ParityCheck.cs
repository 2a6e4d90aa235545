using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>Compares what a served graph predicts with what its trainer predicts for the same rows.</summary>
public static class ParityCheck
{
    /// <summary>Scores the raw rows and compares value by value.</summary>
    /// <param name="trainer">The trainer's predictions, from features made by the training pipeline.</param>
    /// <param name="scorer">The exported model.</param>
    /// <param name="rawRows">The same rows as a request would carry them.</param>
    /// <param name="tolerance">The greatest relative difference that passes, above 0.</param>
    /// <remarks>
    /// The difference of a value is |served − trained| / max(|trained|, floor); the floor is a hundredth of the mean
    /// |trained|
    /// for regression and recommendation, 0.001 for probabilities, below which rounding, not the model, makes the ratio.
    /// </remarks>
    /// <exception cref="ArgumentException">The number of rows differs.</exception>
    /// <exception cref="GyreException">A row cannot be scored.</exception>
    public static ParityReport Compare(Predictions trainer, ModelScorer scorer, Table rawRows, double tolerance = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentNullException.ThrowIfNull(rawRows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tolerance);
        if (trainer.Rows != rawRows.RowCount)
            throw new ArgumentException(
                $"{trainer.Rows} predictions do not fit {rawRows.RowCount} rows.", nameof(trainer));
        var served = scorer.Score(rawRows).Predictions;
        if (served.Outputs != trainer.Outputs)
            throw new ArgumentException(
                $"The trainer gives {trainer.Outputs} numbers a row, the graph {served.Outputs}.");
        var floor = trainer.Task.HasClasses() ? 1e-3 : MeanSize(trainer.Values) / 100;
        var (worst, at) = (0.0, 0);
        for (var i = 0; i < trainer.Values.Length; i++)
        {
            var difference = Difference(trainer.Values[i], served.Values[i], floor);
            if (difference > worst) (worst, at) = (difference, i);
        }

        return trainer.Values.Length == 0
            ? new ParityReport(0, 0, true, tolerance, 0, 0, 0)
            : new ParityReport(worst, trainer.Rows, worst <= tolerance, tolerance, at / trainer.Outputs,
                trainer.Values[at], served.Values[at]);
    }

    /// <summary>
    /// Scores the raw rows and compares them with what the pipeline predicts for the same rows: of a recommender also every
    /// place of every list. Items of equal scores must stand in the same order.
    /// </summary>
    /// <param name="pipeline">The trained pipeline.</param>
    /// <param name="features">The rows as the pipeline takes them.</param>
    /// <param name="scorer">The exported model.</param>
    /// <param name="rawRows">The same rows as a request would carry them.</param>
    /// <param name="tolerance">The greatest relative difference that passes, above 0.</param>
    /// <exception cref="GyreException">A row cannot be scored.</exception>
    public static ParityReport Compare(
        FittedPipeline pipeline, Table features, ModelScorer scorer, Table rawRows, double tolerance = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(scorer);
        var values = Compare(pipeline.Predict(features), scorer, rawRows, tolerance);
        if (pipeline is not { Preprocessing: RecommenderPreprocessing columns, Model: RecommenderModel model }) return values;
        if (scorer.Score(rawRows).Recommendations is not { } served)
            throw new ArgumentException("The graph does not recommend.", nameof(scorer));
        var lists = ListParity.Compare(model.Recommend(columns, features), served, tolerance);
        return lists.MaxRelativeDifference > values.MaxRelativeDifference ? lists : values;
    }

    internal static double Difference(double trained, double served, double floor)
    {
        if (trained.Equals(served)) return 0;
        if (double.IsNaN(trained) || double.IsNaN(served)) return double.PositiveInfinity;
        var difference = Math.Abs(served - trained);
        return difference == 0 ? 0 : difference / Math.Max(Math.Abs(trained), floor);
    }

    private static double MeanSize(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += Math.Abs(value);
        return values.IsEmpty ? 0 : sum / values.Length;
    }
}

/// <summary>The outcome of a <see cref="ParityCheck"/>.</summary>
/// <param name="MaxRelativeDifference">The greatest relative difference; infinite when one side is NaN and the other is
/// not.</param>
/// <param name="Rows">How many rows were compared.</param>
/// <param name="Passed">Whether it is within the tolerance.</param>
/// <param name="Tolerance">The greatest difference that passes.</param>
/// <param name="WorstRow">The row of the greatest difference, from 0.</param>
/// <param name="Trained">What the trainer predicted there.</param>
/// <param name="Served">What the graph predicted there.</param>
public sealed record ParityReport(
    double MaxRelativeDifference, int Rows, bool Passed, double Tolerance, int WorstRow, double Trained, double Served)
{
    /// <summary>Refuses a model whose graph differs.</summary>
    /// <exception cref="GyreException">The check did not pass; <see cref="ErrorCode.Refused"/>.</exception>
    public void Require()
    {
        if (Passed) return;
        throw new GyreException(ErrorCode.Refused, FormattableString.Invariant(
            $"The served model differs from the trained one by {MaxRelativeDifference:g3} (allowed {Tolerance:g3}): ")
            + FormattableString.Invariant($"row {WorstRow + 1} is {Served:g9}, trained {Trained:g9}."));
    }
}
