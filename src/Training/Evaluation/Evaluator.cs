using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Explanation;

namespace Gyre.Training;

/// <summary>
/// Measures and explains a model on rows that it was not trained on. Work is bounded: what is costly is done on a sample of
/// the rows. Pure; the same input gives the same evaluation.
/// </summary>
public static class Evaluator
{
    private const int FewestExplainedRows = 20;

    /// <summary>Evaluates.</summary>
    /// <param name="input">The model and the rows.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    public static ModelEvaluation Evaluate(
        EvaluationInput input, EvaluationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(options);
        var target = input.Target.Span;
        var predictions = input.Predictions;
        var hasClasses = predictions.Task.HasClasses();
        var importance = Importance(input, options, cancellationToken);
        return new ModelEvaluation
        {
            Task = predictions.Task,
            Classes = input.Classes,
            Metric = input.Metric,
            Rows = predictions.Rows,
            Metrics = Intervals(input, options, cancellationToken),
            Confusion = hasClasses ? ConfusionMatrix.Of(target, predictions, input.Classes) : null,
            Curves = hasClasses ? Curves(input) : [],
            Calibration = hasClasses ? CalibrationCurve.Of(target, predictions) : null,
            Brier = predictions.Task == TaskKind.Binary ? BrierDecomposition.Of(target, predictions) : null,
            Residuals = predictions.Task == TaskKind.Regression ? Residuals.Of(target, predictions, seed: options.Seed) : null,
            Slices = Slice(input, options, cancellationToken),
            Importance = importance,
            Dependence = Dependence(input, options, importance, cancellationToken),
            Shap = Shap(input, options, cancellationToken),
        };
    }

    private static ImmutableArray<MetricInterval> Intervals(
        EvaluationInput input, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var resamples = (int)Math.Clamp(options.ResampledRows / Math.Max(input.Predictions.Rows, 1), 50, Bootstrap.DefaultResamples);
        var defined = Metrics.Evaluate(input.Target.Span, input.Predictions, Metrics.All(input.Predictions.Task));
        return
        [
            .. Metrics.All(input.Predictions.Task).Where(defined.ContainsKey).Select(name => Bootstrap.Interval(
                name, input.Target.Span, input.Predictions, options.Seed, resamples, cancellationToken)),
        ];
    }

    private static ImmutableArray<ClassCurve> Curves(EvaluationInput input)
    {
        if (input.Predictions.Task == TaskKind.Binary)
            return [new ClassCurve(input.Classes[1], ThresholdCurve.Of(input.Target.Span, input.Predictions))];
        return
        [
            .. input.Classes.Select((name, k) => new ClassCurve(name, ThresholdCurve.Of(input.Target.Span, input.Predictions, k)))
                .Where(c => c.Curve is { Positives: > 0, Negatives: > 0 }),
        ];
    }

    private static ImmutableArray<SliceResult> Slice(
        EvaluationInput input, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var (target, predictions, columns) = (input.Target, input.Predictions, input.SliceColumns);
        if (columns.RowCount > options.SliceRows)
        {
            var sample = SeededRandom.ForStream(options.Seed, 7).Sample(columns.RowCount, options.SliceRows);
            target = Array.ConvertAll(sample, row => input.Target.Span[row]);
            (predictions, columns) = (predictions.Take(sample), columns.Take(sample));
        }

        var visits = (long)Math.Max(columns.RowCount, 1) * Math.Max(columns.Columns.Count, 1);
        var resamples = (int)Math.Clamp(options.ResampledRows / visits, 50, 200);
        return Slices.Compute(input.Metric, target, predictions, columns,
            new SliceOptions { Resamples = resamples, Seed = options.Seed }, cancellationToken);
    }

    private static ImmutableArray<FeatureImportance> Importance(
        EvaluationInput input, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var columns = input.Inputs;
        if (columns.IsEmpty || input.Predictions.Task == TaskKind.Recommendation) return [];
        var rows = (int)Math.Clamp(options.PredictedRows / (3L * columns.Length * input.RowCost), 100, 5000);
        return PermutationImportance.Compute(
            input.Predict, input.Features, input.Target, columns, input.Metric, options.Seed, 3, rows, cancellationToken);
    }

    private static ImmutableArray<DependenceCurve> Dependence(
        EvaluationInput input, EvaluationOptions options, ImmutableArray<FeatureImportance> importance,
        CancellationToken cancellationToken)
    {
        const int GridSize = 20;
        var rows = (int)Math.Clamp(
            options.PredictedRows / ((long)Math.Max(options.DependentFeatures, 1) * GridSize * input.RowCost), 20, 200);
        var limits = new DependenceOptions { GridSize = GridSize, Rows = rows, Seed = options.Seed };
        var curves = ImmutableArray.CreateBuilder<DependenceCurve>();
        foreach (var feature in importance.Where(i => i.Mean > 0))
        {
            if (curves.Count == options.DependentFeatures) break;
            cancellationToken.ThrowIfCancellationRequested();
            if (PartialDependence.Compute(input.Predict, input.Features, feature.Feature, limits) is { Values.Length: > 1 } curve)
                curves.Add(curve);
        }

        return curves.ToImmutable();
    }

    private static ShapSummary? Shap(EvaluationInput input, EvaluationOptions options, CancellationToken cancellationToken)
    {
        if (input.Pipeline is not { } pipeline || ExplainedPipeline.Of(pipeline) is not { } trees) return null;
        var most = Math.Min(
            Math.Clamp(options.PredictedRows / (4L * input.RowCost), 50, 500), options.ShapSteps / trees.Trees.RowWork());
        if (most < FewestExplainedRows) return null; // deep trees, many of them
        var count = Math.Min(input.Features.RowCount, (int)most);
        var rows = input.Features.Take(SeededRandom.ForStream(options.Seed, 8).Sample(input.Features.RowCount, count));
        return new ShapSummary(TreeShap.Explain(pipeline, rows, 1, cancellationToken), Places(trees.Preprocessing, ExplainedPipeline.Widen(pipeline, rows)));
    }

    private static ImmutableArray<double> Places(TreePreprocessing preprocessing, Table rows)
    {
        var columns = preprocessing.Encode(rows);
        var places = new double[rows.RowCount * columns.Length];
        for (var f = 0; f < columns.Length; f++)
        {
            var sorted = columns[f].Where(v => !float.IsNaN(v)).Order().ToArray();
            for (var i = 0; i < rows.RowCount; i++)
            {
                var value = columns[f][i];
                places[(i * columns.Length) + f] = float.IsNaN(value) || preprocessing.Features[f].IsCategorical || sorted.Length < 2
                    ? double.NaN
                    : Place(sorted, value);
            }
        }

        return [.. places];
    }

    // The middle of the places that equal values share.
    private static double Place(float[] sorted, float value)
    {
        var at = Array.BinarySearch(sorted, value);
        var (first, last) = (at, at);
        while (first > 0 && sorted[first - 1] == value) first--;
        while (last < sorted.Length - 1 && sorted[last + 1] == value) last++;
        return (first + last) / 2.0 / (sorted.Length - 1);
    }
}

/// <summary>A model and rows to evaluate it on.</summary>
/// <param name="Predict">The model: one row of predictions per row of a table.</param>
/// <param name="Features">Rows as the model takes them.</param>
/// <param name="Inputs">The columns among them that the model looks at.</param>
/// <param name="SliceColumns">The columns to slice by, as many rows.</param>
/// <param name="Target">One per row: the value, or the position of the class.</param>
/// <param name="Predictions">What the model predicts for the rows.</param>
/// <param name="Classes">The classes in output order; empty for regression.</param>
/// <param name="Metric">The metric that slices and importance are told in.</param>
public sealed record EvaluationInput(
    Func<Table, Predictions> Predict,
    Table Features,
    ImmutableArray<string> Inputs,
    Table SliceColumns,
    ReadOnlyMemory<double> Target,
    Predictions Predictions,
    ImmutableArray<string> Classes,
    string Metric)
{
    /// <summary>The pipeline behind <see cref="Predict"/>, for explanations; null where it is not at hand.</summary>
    public FittedPipeline? Pipeline { get; init; }

    /// <summary>About how many steps a prediction takes: the number of trees; at least 1.</summary>
    public int RowCost =>
        Pipeline is { } pipeline && ExplainedPipeline.Of(pipeline) is { } trees ? Math.Max(trees.Trees.Trees.Length, 1) : 100;

    /// <summary>A pipeline on a set.</summary>
    /// <param name="pipeline">The model.</param>
    /// <param name="test">Rows that it was not trained on.</param>
    /// <param name="sliceColumns">The columns to slice by, as many rows; null for the features.</param>
    /// <param name="metric">The metric; null for the task's own.</param>
    public static EvaluationInput Of(FittedPipeline pipeline, TrainingSet test, Table? sliceColumns = null, string? metric = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(test);
        return new EvaluationInput(
            pipeline.Predict, test.Features, pipeline.Model is ConstantModel ? [] : [.. pipeline.Inputs.Select(c => c.Name)],
            sliceColumns ?? test.Features, test.TargetMemory, pipeline.Predict(test.Features), test.Classes,
            metric ?? Metrics.Default(test.Task)) { Pipeline = pipeline };
    }
}

/// <summary>How much work an evaluation may be.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Row visits of all resamples of one metric.</summary>
    public long ResampledRows { get; init; } = 4_000_000;

    /// <summary>About how many steps TreeSHAP may take; forests of many deep trees that would need more for twenty rows
    /// go without.</summary>
    public double ShapSteps { get; init; } = 2e9;

    /// <summary>Row × tree visits of importance, and as many of partial dependence.</summary>
    public long PredictedRows { get; init; } = 40_000_000;

    /// <summary>The most rows that slices are measured on.</summary>
    public int SliceRows { get; init; } = 10_000;

    /// <summary>How many features' dependence is computed, the most important.</summary>
    public int DependentFeatures { get; init; } = 6;

    /// <summary>Draws everything random.</summary>
    public ulong Seed { get; init; } = 1;
}
