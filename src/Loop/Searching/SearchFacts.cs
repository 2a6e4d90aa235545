using System.Globalization;
using Gyre.Training;

namespace Gyre.Loop.Searching;

/// <summary>What a search did, in sentences for the model card and the ledger.</summary>
internal static class SearchFacts
{
    public static IEnumerable<string> Of(SearchResult result, SearchEnsemble? chosen)
    {
        int Count(TrialStatus status) => result.Trials.Count(t => t.Status == status);
        var by = result.Trials.Where(t => t.Status == TrialStatus.Finished)
            .GroupBy(t => t.Spec.Trainer).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}");
        yield return Invariant(
            $"{result.Trials.Length} trials in {result.Used.TotalSeconds:0} s, until {result.Ending}: {Count(TrialStatus.Finished)} finished ({string.Join(", ", by)}), ") +
            Invariant($"{Count(TrialStatus.Pruned)} given up early, {Count(TrialStatus.Failed)} failed, {Count(TrialStatus.Cut)} stopped, {Count(TrialStatus.Skipped)} not begun.");
        var dummy = result.Trials.FirstOrDefault(t => t.Spec.Trainer == "dummy");
        var linear = result.Trials.FirstOrDefault(t => t is { Status: TrialStatus.Finished, Spec.Trainer: "linear" });
        var baselines = string.Concat(
            dummy is null ? "" : Invariant($"; the dummy {dummy.Value:0.####}"),
            linear is null ? "" : Invariant($"; the linear model {linear.Value:0.####}"));
        yield return Invariant(
            $"Best single trial by {result.Metric} over {result.Folds} {(result.Folds == 1 ? "held-out part" : "folds")}: ") +
            Invariant($"{result.Best.Spec.Trainer} {Value(result.Best.Value)}{baselines}.");
        if (chosen is null)
        {
            yield return result.Ensemble is null
                ? "No ensemble was better than the best single model." : "The ensemble was too slow or too large for the gates.";
            yield break;
        }

        var members = chosen.Members.Select(m => Invariant($"{m.Weight:0.00} × {m.Trial.Spec.Trainer} (trial {m.Trial.Number})"));
        yield return Invariant($"Chosen: an ensemble, {result.Metric} {Value(chosen.Value)} by the same rows: {string.Join(" + ", members)}.");
    }

    private static string Value(double value) => double.IsFinite(value) ? Invariant($"{value:0.####}") : "(no fold was finished)";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
