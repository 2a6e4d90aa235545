using System.Globalization;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>
/// How long a trial will take: seconds per row of earlier trials of the same trainer, at the same share of rows where
/// there were any, corrected by what its options are known to do to the time. Rough on purpose; a trial that takes longer
/// is stopped at the deadline anyway.
/// </summary>
internal sealed class CostModel(TaskKind task)
{
    /// <summary>Seconds grow with the rows to this power: more rows bear more rounds and deeper trees.</summary>
    private const double RowPower = 1.2;

    private static readonly double UsualTrees = new ForestOptions().Trees;
    private static readonly double UsualEpochs = new MlpOptions().Epochs;

    private readonly BoostingOptions _usual = new BoostingOptions().For(task);

    private readonly Dictionary<string, List<(double Share, double Rate)>> _rates = new(StringComparer.Ordinal);

    /// <summary>Each trial's rate as a multiple of the median rate of its trainer's trials before.</summary>
    private readonly List<double> _latest = [];

    public void Learn(Trial trial, double foldRows)
    {
        if (double.IsNaN(trial.FoldSeconds)) return;
        if (!_rates.TryGetValue(trial.Spec.Trainer, out var rates)) _rates[trial.Spec.Trainer] = rates = [];
        var rate = trial.FoldSeconds / Work(trial.Spec, foldRows);
        if (Alike(rates, trial.Spec.Share) is { Length: > 0 } alike && Quantiles.Median(alike) is var usual and > 0)
            _latest.Add(rate / usual);
        rates.Add((trial.Spec.Share, rate));
    }

    /// <summary>Seconds of one fold; null for a trainer never tried.</summary>
    public double? FoldSeconds(TrialSpec spec, double foldRows)
    {
        if (!_rates.TryGetValue(spec.Trainer, out var rates)) return null;
        // The upper half of what was seen: a trial that does not fit costs more than one that was not begun.
        var alike = Alike(rates, spec.Share);
        var sorted = (alike.Length > 0 ? alike : [.. rates.Select(r => r.Rate)]).Order().ToArray();
        return sorted[(sorted.Length * 3) / 4] * Work(spec, foldRows);
    }

    /// <summary>How much slower the latest trials were than what is usual here: other programs take their share of the
    /// machine. At least 1.</summary>
    public double Slowdown()
    {
        if (_latest.Count < 2) return 1;
        return Math.Clamp(Quantiles.Median([.. _latest.TakeLast(3)]), 1, 3);
    }

    private static double[] Alike(List<(double Share, double Rate)> rates, double share) =>
        [.. rates.Where(r => r.Share.Equals(share)).Select(r => r.Rate)];

    private double Work(TrialSpec spec, double foldRows) => Math.Pow(foldRows * spec.Share, RowPower)
        * (spec.Trainer == BoostingTrainer.TrainerName
            ? OfBoosting(spec) : Ratio(spec, "trees", UsualTrees) * Ratio(spec, "epochs", UsualEpochs));

    /// <summary>Small steps need more rounds, large trees fewer that each take longer.</summary>
    private double OfBoosting(TrialSpec spec) =>
        Ratio(spec, "learning_rate", _usual.LearningRate, -0.7) * Ratio(spec, "max_leaves", _usual.MaxLeaves, 0.4)
        * Ratio(spec, "feature_share", _usual.FeatureShare, 0.4) * Ratio(spec, "row_share", _usual.RowShare, 0.4);

    private static double Ratio(TrialSpec spec, string option, double usual, double power = 1) =>
        spec.Options.TryGetValue(option, out var text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0
            ? Math.Pow(value / usual, power) : 1;
}
