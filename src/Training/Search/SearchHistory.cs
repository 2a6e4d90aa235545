using System.Collections.Immutable;

namespace Gyre.Training.Search;

/// <summary>The trials of a search with what is kept of them: predictions of the better ones and of
/// the best of each trainer, models of the best.</summary>
internal sealed class SearchHistory(string metric)
{
    private const int KeptPredictions = 30;
    private const int KeptOfTrainer = 2;
    private const int KeptModels = 10;

    private readonly List<Trial> _trials = [];
    private readonly Dictionary<int, ImmutableArray<FittedPipeline>> _models = [];

    public IReadOnlyList<Trial> Trials => _trials;

    /// <summary>Bytes of kept predictions.</summary>
    public long KeptBytes => _trials.Sum(t => 4L * (t.OutOfFold?.Length ?? 0));

    /// <summary>Finished trials, those on all rows first, then by value.</summary>
    public IEnumerable<Trial> Ranked => _trials.Where(t => t.Status == TrialStatus.Finished)
        .OrderByDescending(t => t.Spec.Share).ThenBy(Loss).ThenBy(t => t.Number);

    /// <summary>The best of the trials on all rows; while there are none but the dummy, of those on a share. The dummy
    /// when nothing is better.</summary>
    public Trial? Best => Ranked.Where(t => t.Spec.Trainer != DummyTrainer.TrainerName).Take(1)
        .Concat(_trials.Where(t => t is { Status: TrialStatus.Finished, Spec.Trainer: DummyTrainer.TrainerName }))
        .MinBy(Loss);

    public double Loss(Trial trial) => Metrics.HigherIsBetter(metric) ? -trial.Value : trial.Value;

    public void Add(Trial trial, ImmutableArray<FittedPipeline> models)
    {
        _trials.Add(trial);
        if (!models.IsDefaultOrEmpty) _models[trial.Number] = models;
        var ranked = Ranked.Where(t => t.OutOfFold is not null).ToArray();
        var kinds = ranked.GroupBy(t => t.Spec.Trainer).SelectMany(g => g.Take(KeptOfTrainer)).ToHashSet();
        foreach (var loser in ranked.Skip(KeptPredictions).Where(t => !kinds.Contains(t))) _trials[loser.Number - 1] = loser with { OutOfFold = null };
        foreach (var loser in ranked.Skip(KeptModels)) _models.Remove(loser.Number);
    }

    /// <summary>The fold models of a trial; empty when they are gone.</summary>
    public ImmutableArray<FittedPipeline> ModelsOf(Trial trial) => _models.GetValueOrDefault(trial.Number, []);

    /// <summary>
    /// Why a trial need not be trained to its end: its first folds are worse than the median of what has finished, and by
    /// more than a tenth of what lies between the dummy and the best. Null when it should.
    /// </summary>
    public string? WhyHopeless(TrialSpec spec, ImmutableArray<double> values)
    {
        if (spec.Origin == TrialOrigin.Baseline) return null;
        double Mean(ImmutableArray<double> folds)
        {
            var mean = folds.Take(values.Length).Average();
            return Metrics.HigherIsBetter(metric) ? -mean : mean;
        }

        var alike = _trials.Where(t => t.Status == TrialStatus.Finished && t.FoldValues.Length >= values.Length).ToArray();
        var dummy = alike.FirstOrDefault(t => t.Spec.Trainer == DummyTrainer.TrainerName);
        var others = alike.Where(t => t != dummy && t.Spec.Share.Equals(spec.Share)).Select(t => Mean(t.FoldValues))
            .Order().ToArray();
        if (dummy is null || others.Length < 4) return null;
        var own = Mean(values);
        var gap = Mean(dummy.FoldValues) - others[0];
        return own > others[others.Length / 2] && own - others[0] > 0.1 * gap
            ? "its first folds were much worse than those of others" : null;
    }
}
