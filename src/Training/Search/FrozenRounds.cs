using System.Globalization;

namespace Gyre.Training.Search;

/// <summary>
/// The rounds that folds found by early stopping, for training on all rows without: the mean over the folds, each brought
/// up by the square root of how many more rows there are (more rows bear more rounds, but not in proportion).
/// </summary>
internal static class FrozenRounds
{
    public static int? Of(TrialSpec spec, IReadOnlyList<FittedPipeline> folds, IReadOnlyList<double> rows, int allRows)
    {
        if (spec.Trainer != BoostingTrainer.TrainerName) return null;
        var sum = 0.0;
        for (var f = 0; f < folds.Count; f++)
        {
            if (folds[f].Model is not BoostedTreesModel model) return null;
            sum += (double)model.Trees.Length / model.BaseScores.Length * Math.Sqrt(allRows / rows[f]);
        }

        return Math.Max(1, (int)Math.Round(sum / folds.Count));
    }

    /// <summary>A trial's options with the rounds it found, none to be stopped early.</summary>
    public static IReadOnlyDictionary<string, string> Options(Trial trial) => trial.Rounds is { } rounds
        ? trial.Spec.Options
            .SetItem("rounds", rounds.ToString(CultureInfo.InvariantCulture))
            .SetItem("early_stopping_rounds", "0")
        : trial.Spec.Options;
}
