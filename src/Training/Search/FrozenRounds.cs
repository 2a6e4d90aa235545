using System.Globalization;

namespace Gyre.Training.Search;

/// <summary>
/// The rounds that folds found by early stopping, for training on all rows without: the mean over the folds, each brought
/// up by the square root of how many more rows there are (more rows bear more rounds, but not in proportion).
/// </summary>
internal static class FrozenRounds
{
    private const string Rounds = "rounds";

    /// <summary>The rounds; null for a trainer other than boosting.</summary>
    /// <param name="trainer">What trained the folds.</param>
    /// <param name="folds">What it made of each.</param>
    /// <param name="rows">The rows that each learned from.</param>
    /// <param name="allRows">The rows that are to be learned from.</param>
    public static int? Of(
        ITrainer trainer, IReadOnlyList<FittedPipeline> folds, IReadOnlyList<double> rows, int allRows)
    {
        if (trainer.Name != BoostingTrainer.TrainerName) return null;
        var sum = 0.0;
        for (var f = 0; f < folds.Count; f++)
        {
            var found = int.Parse(trainer.Settled(folds[f]).Parameters[Rounds], CultureInfo.InvariantCulture);
            sum += found * Math.Sqrt(allRows / rows[f]);
        }

        return Math.Max(1, (int)Math.Round(sum / folds.Count));
    }

    /// <summary>A trial's options with the rounds it found, none to be stopped early.</summary>
    public static IReadOnlyDictionary<string, string> Options(Trial trial) => trial.Rounds is { } rounds
        ? trial.Spec.Options
            .SetItem(Rounds, rounds.ToString(CultureInfo.InvariantCulture))
            .SetItem("early_stopping_rounds", "0")
        : trial.Spec.Options;
}
