using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Naive Bayes: given the class, columns are taken as independent. Terms of texts follow a multinomial law of their
/// counts, categories and truth values their smoothed shares, numbers a normal law (Manning, Raghavan and Schütze 2008,
/// chapter 13; scikit-learn's MultinomialNB, CategoricalNB and GaussianNB). A missing or unknown value tells nothing.
/// One pass over the rows; row weights count. Classification only.
/// </summary>
public sealed class NaiveBayesTrainer : ITrainer
{
    internal const string TrainerName = "naive_bayes";

    private readonly NaiveBayesOptions _options;

    /// <summary>Creates a trainer; null takes the defaults.</summary>
    public NaiveBayesTrainer(NaiveBayesOptions? options = null)
    {
        _options = options ?? new NaiveBayesOptions();
        Parameters = _options.ToParameters();
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => TrainingGuard.WithText;

    /// <inheritdoc/>
    public bool Serves(TaskKind task) => task is TaskKind.Binary or TaskKind.Multiclass;

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set)
    {
        var text = TextMemory.Of(set, _options.Text);
        return (16L * set.RowCount * set.Features.Columns.Count) + text.Bytes + (24L * set.Classes.Length * text.Terms);
    }

    /// <inheritdoc/>
    /// <exception cref="GyreException">The target is no class, or the rows cannot be learned from.</exception>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        if (!Serves(train.Task))
            throw GyreException.Invalid($"Trainer '{Name}' tells classes; target '{train.TargetName}' is a number.");
        TrainingGuard.Check(this, train, context);
        var fitted = LinearPreprocessingFitter.Fit(
            train, _options.MaxCategories, _options.Text, context.CancellationToken, textAsCounts: true);
        var preprocessing = new LinearPreprocessing([.. fitted.Features.Select(Unimputed)]);
        var design = DesignMatrix.Create(preprocessing, train.Features);
        context.CancellationToken.ThrowIfCancellationRequested();
        var laws = new ClassLaws(train, preprocessing, design, _options);
        context.Progress?.Report(new TrainingProgress(Name, 1, 1, null));
        return new FittedPipeline(train, preprocessing, laws.ToModel());
    }

    /// <summary>Every number is told from a missing one, whether training rows miss any or not.</summary>
    private static LinearFeature Unimputed(LinearFeature feature) =>
        feature is NumericLinearFeature number ? number with { HasMissingIndicator = true } : feature;
}
