using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>What a <see cref="ModelSearch"/> found.</summary>
/// <param name="Metric">The metric it was after.</param>
/// <param name="Trials">Every trial, in order; only the better ones still have their predictions.</param>
/// <param name="Best">The best single trial.</param>
/// <param name="Single">Its model, fitted on all rows.</param>
/// <param name="SingleTrainer">Makes it again of other rows, with the rounds that were found.</param>
/// <param name="Ensemble">The ensemble; null when none is better than <paramref name="Single"/> or none is
/// wanted.</param>
/// <param name="Used">The time used, that of an interrupted search included.</param>
/// <param name="Ending">What ended the trials, in words.</param>
public sealed record SearchResult(
    string Metric, ImmutableArray<Trial> Trials, Trial Best, FittedPipeline Single, ITrainer SingleTrainer,
    SearchEnsemble? Ensemble, TimeSpan Used, string Ending)
{
    /// <summary>The ensemble, else the single model.</summary>
    public FittedPipeline Model => Ensemble?.Pipeline ?? Single;

    /// <summary>The rows that trials were tested on, by the out-of-fold predictions' order.</summary>
    public required ImmutableArray<int> TestedRows { get; init; }

    /// <summary>Remarks on the final fitting that a person should read; usually none.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>The parts into which folds divided the rows.</summary>
    public required int Folds { get; init; }
}

/// <summary>An ensemble of trials.</summary>
/// <param name="Pipeline">Its model is an <see cref="EnsembleModel"/>.</param>
/// <param name="Trainer">Makes it again of other rows, with the same weights and rounds.</param>
/// <param name="Members">The trials and their weights, the heaviest first.</param>
/// <param name="Value">The metric of its out-of-fold predictions. A little too good: the weights were chosen by
/// them.</param>
public sealed record SearchEnsemble(
    FittedPipeline Pipeline, ITrainer Trainer, ImmutableArray<SearchMember> Members, double Value);

/// <summary>A trial in an ensemble.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Weight">Its weight, above 0; all sum to 1.</param>
public sealed record SearchMember(Trial Trial, float Weight);
