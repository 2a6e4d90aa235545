using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Calibration;

namespace Gyre.Training;

/// <summary>How probabilities are calibrated.</summary>
public enum CalibrationMethod
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>A logistic curve over log-odds: two numbers, for any number of rows.</summary>
    Platt,

    /// <summary>Any rising curve: from about a thousand rows on.</summary>
    Isotonic,
}

/// <summary>
/// Another trainer, with calibrated probabilities and a threshold chosen by cost. Both are fitted to the predictions of
/// models that had not seen the rows (<see cref="Folds"/> folds of the training rows); then the other trainer learns from
/// all of them. Takes as many trainings more.
/// </summary>
/// <param name="inner">What trains.</param>
/// <param name="method">How probabilities are calibrated; several classes one against the rest, then scaled to sum
/// 1.</param>
/// <param name="costs">What decides the threshold; null keeps one half.</param>
public sealed class CalibratingTrainer(ITrainer inner, CalibrationMethod method, DecisionCosts? costs) : ITrainer
{
    /// <summary>The folds.</summary>
    public const int Folds = 5;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; } = Describe(inner, method, costs);

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => inner.FeatureTypes;

    /// <summary>The trainer itself where nothing is asked for, else wrapped.</summary>
    public static ITrainer Wrap(ITrainer inner, CalibrationMethod method, DecisionCosts? costs) =>
        method == CalibrationMethod.None && costs is null ? inner : new CalibratingTrainer(inner, method, costs);

    /// <inheritdoc/>
    public bool Serves(TaskKind task) => task.HasClasses() && (costs is null || task == TaskKind.Binary) && inner.Serves(task);

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set) => inner.EstimateMemory(set);

    /// <inheritdoc/>
    public ITrainer Settled(FittedPipeline trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        return new CalibratingTrainer(
            inner.Settled(trained.Model is CalibratedModel calibrated ? calibrated.Inner : trained), method, costs);
    }

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(context);
        if (!Serves(train.Task))
            throw GyreException.Invalid($"Calibration and thresholds are of classes; '{train.TargetName}' is a {train.Task} target.");
        TrainingGuard.Check(this, train, context);
        var folds = Splitter.Folds(train, SplitKind.Stratified, Folds, null, context.Seed);
        var unseen = new CrossValidation(inner, folds).Run(train, context).OutOfFold;
        var pipeline = inner.Train(train, validation, context);
        if (method != CalibrationMethod.None)
        {
            var model = new CalibratedModel(pipeline, Fit(train.Target, unseen));
            pipeline = new FittedPipeline(train, NoPreprocessing.Instance, model);
            unseen = model.Calibrate(unseen);
        }

        return costs is null ? pipeline : pipeline.WithThreshold(costs.CheapestThreshold(train.Target, unseen));
    }

    private ImmutableArray<Calibrator> Fit(ReadOnlySpan<double> target, Predictions unseen)
    {
        var calibrators = ImmutableArray.CreateBuilder<Calibrator>();
        var (given, came) = (new double[unseen.Rows], new bool[unseen.Rows]);
        for (var k = 0; k < unseen.Outputs; k++)
        {
            for (var i = 0; i < given.Length; i++)
            {
                given[i] = unseen.Values[(i * unseen.Outputs) + k];
                came[i] = (int)target[i] == (unseen.Outputs == 1 ? 1 : k);
            }

            calibrators.Add(method == CalibrationMethod.Platt ? CalibratorFit.Platt(given, came) : CalibratorFit.Isotonic(given, came));
        }

        return calibrators.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> Describe(ITrainer inner, CalibrationMethod method, DecisionCosts? costs)
    {
        var all = inner.Parameters.ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (method != CalibrationMethod.None) all = all.Add("calibration", method.ToString().ToLowerInvariant());
        return costs is null ? all : all
            .Add("threshold.false_positive", OptionText.Of(costs.FalsePositive))
            .Add("threshold.false_negative", OptionText.Of(costs.FalseNegative));
    }
}
