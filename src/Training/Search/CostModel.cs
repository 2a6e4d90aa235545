using System.Globalization;
using Gyre.Numerics;

namespace Gyre.Training.Search;

/// <summary>
/// How long a trial will take: seconds per row of earlier trials of the same trainer, corrected by what its options are
/// known to do to the time. Rough on purpose; a trial that takes longer is stopped at the deadline anyway.
/// </summary>
internal sealed class CostModel
{
    private readonly Dictionary<string, List<double>> _rates = new(StringComparer.Ordinal);

    /// <summary>Each trial's rate as a multiple of the median rate of its trainer's trials before.</summary>
    private readonly List<double> _latest = [];

    public void Learn(Trial trial, double foldRows)
    {
        if (double.IsNaN(trial.FoldSeconds)) return;
        if (!_rates.TryGetValue(trial.Spec.Trainer, out var rates)) _rates[trial.Spec.Trainer] = rates = [];
        var rate = trial.FoldSeconds / (foldRows * trial.Spec.Share * Factor(trial.Spec));
        if (rates.Count > 0 && Quantiles.Median([.. rates]) is var usual and > 0) _latest.Add(rate / usual);
        rates.Add(rate);
    }

    /// <summary>Seconds of one fold; null for a trainer never tried.</summary>
    public double? FoldSeconds(TrialSpec spec, double foldRows)
    {
        if (!_rates.TryGetValue(spec.Trainer, out var rates)) return null;
        // The upper half of what was seen: a trial that does not fit costs more than one that was not begun.
        var sorted = rates.Order().ToArray();
        return sorted[(sorted.Length * 3) / 4] * foldRows * spec.Share * Factor(spec);
    }

    /// <summary>How much slower the latest trials were than what is usual here: other programs take their share of the
    /// machine. At least 1.</summary>
    public double Slowdown()
    {
        if (_latest.Count < 2) return 1;
        return Math.Clamp(Quantiles.Median([.. _latest.TakeLast(3)]), 1, 3);
    }

    private static double Factor(TrialSpec spec) =>
        (spec.Trainer == BoostingTrainer.TrainerName ? Power(spec, "learning_rate", -0.6, 0.1) : 1) * Power(spec, "max_leaves", 0.4, 20) * Power(spec, "trees", 1, 100)
        * Power(spec, "feature_share", 0.4, 1) * Power(spec, "epochs", 1, 20);

    private static double Power(TrialSpec spec, string option, double power, double usual) =>
        spec.Options.TryGetValue(option, out var text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0
            ? Math.Pow(value / usual, power) : 1;
}
