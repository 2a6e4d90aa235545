using System.Globalization;

namespace Gyre.Training.Search;

/// <summary>
/// How long a trial will take: seconds per row of earlier trials of the same trainer, corrected by what its options are
/// known to do to the time. Rough on purpose; a trial that takes longer is stopped at the deadline anyway.
/// </summary>
internal sealed class CostModel
{
    private readonly Dictionary<string, List<double>> _rates = new(StringComparer.Ordinal);

    public void Learn(Trial trial, double foldRows)
    {
        if (double.IsNaN(trial.FoldSeconds)) return;
        if (!_rates.TryGetValue(trial.Spec.Trainer, out var rates)) _rates[trial.Spec.Trainer] = rates = [];
        rates.Add(trial.FoldSeconds / (foldRows * trial.Spec.Share * Factor(trial.Spec)));
    }

    /// <summary>Seconds of one fold; null for a trainer never tried.</summary>
    public double? FoldSeconds(TrialSpec spec, double foldRows)
    {
        if (!_rates.TryGetValue(spec.Trainer, out var rates)) return null;
        // The upper half of what was seen: a trial that does not fit costs more than one that was not begun.
        var sorted = rates.Order().ToArray();
        return sorted[(sorted.Length * 3) / 4] * foldRows * spec.Share * Factor(spec);
    }

    private static double Factor(TrialSpec spec) =>
        Power(spec, "learning_rate", -0.6, 0.1) * Power(spec, "max_leaves", 0.4, 20) * Power(spec, "trees", 1, 100)
        * Power(spec, "feature_share", 0.4, 1) * Power(spec, "epochs", 1, 20);

    private static double Power(TrialSpec spec, string option, double power, double usual) =>
        spec.Options.TryGetValue(option, out var text)
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0
            ? Math.Pow(value / usual, power) : 1;
}
