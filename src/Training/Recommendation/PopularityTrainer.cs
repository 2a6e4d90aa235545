using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training.Recommendation;

namespace Gyre.Training;

/// <summary>
/// Recommends what most users had, to everybody the same but for what a user has had already, and predicts the mean
/// rating: the baseline that every other recommender has to beat.
/// </summary>
public sealed class PopularityTrainer : ITrainer
{
    internal const string TrainerName = "popularity";

    private readonly int _top;

    /// <summary>Creates a trainer.</summary>
    /// <param name="top">The length of a list, 1 to 1000.</param>
    public PopularityTrainer(int top = RecommenderOptions.DefaultTop)
    {
        _top = top;
        Parameters = ImmutableSortedDictionary<string, string>.Empty.Add(RecommenderOptions.TopKey, OptionText.Of(top));
    }

    /// <inheritdoc/>
    public string Name => TrainerName;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <inheritdoc/>
    public ImmutableArray<ColumnType> FeatureTypes => IdText.Types;

    /// <inheritdoc/>
    public bool Serves(TaskKind task) => task == TaskKind.Recommendation;

    /// <inheritdoc/>
    public long EstimateMemory(TrainingSet set) => RecommenderOptions.EstimateMemory(set, 0);

    /// <inheritdoc/>
    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        context.CancellationToken.ThrowIfCancellationRequested();
        TrainingGuard.Check(this, train, context);
        var data = Interactions.Of(train);
        var none = new double[data.ByUser.Owners + 1];
        var ranking = new Biases(0, none, [.. RecommenderBuilder.Popularity(data), 0]);
        var mean = new Biases(data.Mean, none, new double[data.ByItem.Owners + 1]);
        context.Progress?.Report(new TrainingProgress(Name, 1, 1, null));
        return RecommenderBuilder.Build(
            train, data, RecommenderBuilder.Scores(ranking), RecommenderBuilder.Scores(mean), _top);
    }

    internal static PopularityTrainer Parse(IReadOnlyDictionary<string, string> overrides)
    {
        var reader = new OptionReader(TrainerName, overrides);
        var top = RecommenderOptions.Top(reader);
        reader.RefuseUnknown();
        return new PopularityTrainer(top);
    }
}
