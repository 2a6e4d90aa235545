using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training.Search;

/// <summary>
/// What to try next, told by what was tried: a function of the trials so far and the seed, never of time. The portfolio
/// comes first, then suggestions. On large sets trials learn from a share of the rows, and after the first two and every
/// third more the best that has not been given all rows gets them (successive halving with one rung: Jamieson and
/// Talwalkar 2016). The first is early so that there is a model of nearly all rows whatever happens; the linear model, quick
/// to learn from few rows what it can, waits for its turn behind all others.
/// </summary>
internal sealed class TrialSequence(TrainerShelf shelf, FoldPlan plan, FoldEvidence evidence, string metric, ulong seed)
{
    private const int ScreenedFirst = 3;
    private const int ScreenedPerPromotion = 3;

    private readonly ImmutableArray<TrialSpec> _portfolio = Portfolio.Of(shelf);

    /// <summary>The next trial; null when there is nothing left to try.</summary>
    public TrialSpec? Next(IReadOnlyList<Trial> trials)
    {
        if (evidence.Misleads(trials)) return null;
        var first = trials.Where(t => t.Spec.Origin != TrialOrigin.Promoted).ToArray();
        var promoted = trials.Where(t => t.Spec.Origin == TrialOrigin.Promoted).Select(t => t.Spec.Key).ToHashSet();
        var screened = first.Where(t => t.Spec.Share < 1).ToArray();
        var promotion = screened.Where(t => t.Status == TrialStatus.Finished && !promoted.Contains(t.Spec.Key))
            .OrderBy(t => t.Spec.Origin == TrialOrigin.Baseline).ThenBy(Loss).Select(t => t.Spec with { Share = 1, Origin = TrialOrigin.Promoted }).FirstOrDefault();
        if (promotion is not null && screened.Length >= ScreenedFirst + (ScreenedPerPromotion * promoted.Count))
            return promotion;
        if (first.Length < _portfolio.Length)
        {
            var spec = _portfolio[first.Length];
            return spec.Trainer == DummyTrainer.TrainerName || shelf.IsStandard(spec) ? spec : spec with { Share = plan.Screening };
        }

        // The best first; what did not finish stands behind, in the order tried.
        var ranked = first.Where(t => t.Spec.Trainer != DummyTrainer.TrainerName && t.Spec.Share.Equals(plan.Screening))
            .OrderBy(t => t.Status == TrialStatus.Finished ? 0 : 1).ThenBy(Loss).Select(t => t.Spec).ToArray();
        var chance = SeededRandom.ForStream(seed, 5_000 + (ulong)trials.Count);
        return ParzenSuggestions.Next(shelf, ranked, plan.Screening, chance) ?? promotion;
    }

    private double Loss(Trial trial) =>
        double.IsNaN(trial.Value) ? double.PositiveInfinity
        : Metrics.HigherIsBetter(metric) ? -trial.Value : trial.Value;
}
