using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Training.Search;

/// <summary>Trial after trial until the trials, the time or the ideas are used up.</summary>
internal sealed class TrialLoop(
    SearchSettings settings, string metric, TrainerShelf shelf, FoldPlan plan, TrialRunner runner, SearchHistory history,
    CostModel costs, SearchClock clock, FinalFit final, FoldEvidence evidence, ISearchJournal? journal)
{
    /// <summary>So many trials in a row that do not fit mean that none will.</summary>
    private const int MostSkipped = 4;

    /// <summary>The share of the budget that one trial may take: a trainer that is far too slow must not eat it all.</summary>
    private const double TrialShare = 0.3;

    /// <summary>The share for the first trial of a trainer that others of its kind have told nothing about.</summary>
    private const double StrangerShare = 0.08;

    /// <summary>Runs the trials.</summary>
    /// <returns>What ended them, in words.</returns>
    public string Run(ulong seed, CancellationToken cancellationToken)
    {
        var sequence = new TrialSequence(shelf, plan, evidence, metric, seed);
        // A search that was killed lost the model that the others are held against.
        if (history.Trials.FirstOrDefault(t => t.Spec.Share >= 1 && shelf.IsStandard(t.Spec)) is { } standard)
            final.FitStandard(standard.Spec);
        var skipped = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Counted() >= settings.Trials) return $"all {settings.Trials} trials were made";
            if (final.Standard is not null && evidence.IsMissing(history.Trials))
                return "there is no time for folds of the default options on all rows";
            if (TimeFor() is <= 0) return "the time was used up";
            if (sequence.Next(history.Trials) is not { } spec)
            {
                return evidence.Misleads(history.Trials)
                    ? "the folds in time proved unable to rank models" : "there was nothing left to try";
            }

            var number = history.Trials.Count + 1;
            var trainer = shelf.Make(spec);
            if (WhyNot(spec, trainer) is { } cause)
            {
                if (++skipped >= MostSkipped) return "no further trial fits the time or memory left";
                Record(new TrialOutcome(new Trial(number, spec, TrialStatus.Skipped) { Cause = cause }, []));
                continue;
            }

            skipped = 0;
            if (shelf.IsStandard(spec) && spec.Share >= 1) final.FitStandard(spec);
            journal?.Begin(number, spec, trainer.Parameters);
            using var limit = clock.Within(TimeFor() is { } seconds ? Math.Min(seconds, Most(spec)) : null, cancellationToken);
            var outcome = runner.Run(number, spec, trainer, values => history.WhyHopeless(spec, values), limit.Token);
            cancellationToken.ThrowIfCancellationRequested();
            costs.Learn(outcome.Trial, plan.TrainRows);
            Record(outcome);
            RequireBaseline(outcome.Trial);
        }
    }

    /// <summary>Seconds for further trials; null when there is no budget.</summary>
    private double? TimeFor() => clock.Left - final.Reserve(settings.MaxMembers);

    private double Most(TrialSpec spec) => (clock.Budget ?? double.PositiveInfinity) *
        (spec.Trainer == BoostingTrainer.TrainerName || costs.FoldSeconds(spec, plan.TrainRows) is not null
            ? TrialShare : StrangerShare);

    private int Counted() => history.Trials.Count(t => t.Status != TrialStatus.Skipped);

    private string? WhyNot(TrialSpec spec, ITrainer trainer)
    {
        if (settings.MemoryLimit is { } limit
            && runner.EstimateMemory(trainer, spec) + history.KeptBytes is var needed && needed > limit)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"it would take about {needed / 1e6:0} MB; {limit / 1e6:0} MB are allowed");
        }

        if (TimeFor() is not { } left || costs.FoldSeconds(spec, plan.TrainRows) is not { } fold) return null;
        var waves = Math.Ceiling(plan.Folds.Length / (double)runner.Wave);
        var seconds = fold * waves;
        return seconds <= left ? null : string.Create(CultureInfo.InvariantCulture,
            $"it would take about {seconds:0.0} s; {left:0.0} s are left for trials");
    }

    private void Record(TrialOutcome outcome)
    {
        var trial = outcome.Trial with { UsedSeconds = clock.Used };
        history.Add(trial, outcome.Pipelines);
        var best = history.Best;
        journal?.End(trial, new SearchProgress(
            metric, history.Trials.Count(t => t.Status == TrialStatus.Finished), history.Trials.Count, best,
            TimeSpan.FromSeconds(clock.Used), clock.Left is { } left ? TimeSpan.FromSeconds(Math.Max(left, 0)) : null));
        if (settings.MemoryLimit is { } limit && GC.GetTotalMemory(forceFullCollection: false) > limit / 2) GC.Collect();
    }

    /// <summary>When not even the dummy could be trained, the rows are at fault, and the message says how.</summary>
    private static void RequireBaseline(Trial trial)
    {
        if (trial is { Status: TrialStatus.Failed, Spec.Trainer: DummyTrainer.TrainerName })
            throw GyreException.Invalid(trial.Cause ?? "The dummy could not be trained.");
    }
}
