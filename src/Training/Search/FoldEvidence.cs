namespace Gyre.Training.Search;

/// <summary>What the folds of a search can be believed.</summary>
internal sealed class FoldEvidence(FoldPlan plan, TrainerShelf shelf, string metric)
{
    /// <summary>
    /// Whether stretches of time differ so much from what came before them that they cannot rank models: in one of them,
    /// a model of all earlier rows with default options is worse than the dummy. Options chosen there suit the
    /// change from one stretch to the next and not what comes after. Rows parted at random are alike, and always rank.
    /// </summary>
    public bool Misleads(IReadOnlyList<Trial> trials)
    {
        if (!plan.IsInTime) return false;
        var dummy = trials.FirstOrDefault(t => t is { Status: TrialStatus.Finished, Spec.Trainer: DummyTrainer.TrainerName });
        return dummy is not null && StandardOf(trials) is { } standard
            && standard.FoldValues.Zip(dummy.FoldValues).Any(v => !(Loss(v.First) < Loss(v.Second)));
    }

    /// <summary>Whether the time for the default options' folds was over before they were trained: nothing else can be
    /// held against a model of all rows then.</summary>
    public bool IsMissing(IReadOnlyList<Trial> trials) =>
        trials.Any(t => t is { Status: TrialStatus.Cut, Spec.Share: >= 1 } && shelf.IsStandard(t.Spec));

    /// <summary>The trial of the default options on all rows; null unless it has finished.</summary>
    public Trial? StandardOf(IReadOnlyList<Trial> trials) => trials.FirstOrDefault(
        t => t is { Status: TrialStatus.Finished, Spec.Share: >= 1 } && shelf.IsStandard(t.Spec));

    private double Loss(double value) => Metrics.HigherIsBetter(metric) ? -value : value;
}
