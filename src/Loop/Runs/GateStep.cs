using System.Collections.Immutable;
using System.Globalization;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>Asks every gate, also after one has refused: all the evidence is worth having.</summary>
internal sealed class GateStep(RunJournal journal)
{
    public async Task<ImmutableArray<GateOutcome>> RunAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CandidatePackage package, ChampionModel? champion,
        CancellationToken cancellationToken)
    {
        var settings = frame.Definition.Gates;
        ImmutableArray<GateOutcome> gates = await journal.StepAsync("gates", () => Task.Run<ImmutableArray<GateOutcome>>(() =>
            [
                Parity(package),
                Dummy(frame, holdOut, candidates, cancellationToken),
                Champion(frame, holdOut, candidates, champion, cancellationToken),
                Contract(package, champion, settings.Contract),
                Latency(package, settings.Latency),
                Size(package, settings.SizeMb),
            ], cancellationToken),
            outcome => outcome.All(g => g.Passed)
                ? $"all {outcome.Length} passed"
                : $"refused by {string.Join(", ", outcome.Where(g => !g.Passed).Select(g => g.Name))}");
        foreach (var gate in gates)
        {
            await journal.RecordAsync(LedgerKind.Gate, $"{gate.Name} {(gate.Passed ? "passed" : "refused")}: {gate.Evidence}",
                gate, package.Version?.Version, cancellationToken);
        }

        return gates;
    }

    private static GateOutcome Parity(CandidatePackage package) => new("parity", package.Parity.Passed, Invariant(
        $"the graph differs from the trainer by {package.Parity.MaxRelativeDifference:0.0e+0} relative at most on {package.Parity.Rows} rows"));

    private static GateOutcome Dummy(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CancellationToken cancellationToken)
    {
        if (candidates.Best == candidates.Dummy)
            return new GateOutcome("dummy", false, "no candidate is better than the dummy, which ignores every feature");
        var comparison = Bootstrap.Paired(candidates.Metric, frame.Set.Take(holdOut.Test).Target,
            candidates.Dummy.Predictions, candidates.Best.Predictions, frame.Definition.Training.Seed,
            cancellationToken: cancellationToken);
        return new GateOutcome("dummy", comparison.Interval.Lower > 0, Compare(comparison, "the dummy's", holdOut.Test.Length));
    }

    /// <summary>
    /// The candidate must be better than the champion by the margin: the near end of the paired interval of its improvement
    /// must lie beyond it.
    /// </summary>
    private static GateOutcome Champion(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, ChampionModel? champion, CancellationToken cancellationToken)
    {
        if (champion is null) return new GateOutcome("champion", true, "there is no champion yet");
        var unseen = holdOut.UnseenBy(champion, frame);
        var enough = unseen.Length >= HoldOut.MinimumRows;
        var rows = enough ? unseen : holdOut.Test;
        if (champion.Predict(frame, rows, out var whyNot) is not { } predictions)
            return new GateOutcome("champion", false, $"cannot be compared with version {champion.Version.Version}: {whyNot}");
        var position = holdOut.Test.Select((row, i) => (row, i)).ToDictionary(p => p.row, p => p.i);
        var own = candidates.Best.Predictions.Take(Array.ConvertAll(rows, row => position[row]));
        var comparison = Bootstrap.Paired(
            candidates.Metric, frame.Set.Take(rows).Target, predictions, own, frame.Definition.Training.Seed,
            cancellationToken: cancellationToken);
        var margin = frame.Definition.Gates.Margin * Math.Abs(comparison.Champion);
        var note = enough || unseen.Length == rows.Length ? ""
            : $"; the champion may have learnt from {rows.Length - unseen.Length} of these rows";
        return new GateOutcome("champion", comparison.Interval.Lower > margin,
            Compare(comparison, $"version {champion.Version.Version}'s", rows.Length) + Margin(margin) + note);
    }

    /// <summary>
    /// Clients of the champion must be able to go on: no new column they would have to send, none that changed its type or that they
    /// may no longer leave empty, and none gone, since a request with an unknown column is refused.
    /// </summary>
    private static GateOutcome Contract(CandidatePackage package, ChampionModel? champion, ContractGate wanted)
    {
        if (champion is null) return new GateOutcome("contract", true, "there is no client of an earlier version yet");
        if (wanted == ContractGate.Replace)
            return new GateOutcome("contract", true, "the pipeline says that clients are changed with the model");
        var gone = champion.Inputs.FirstOrDefault(input => !package.Inputs.Contains(input.Name));
        if (gone is not null)
        {
            return new GateOutcome("contract", false,
                $"it does not know '{gone.Name}', which clients of version {champion.Version.Version} send");
        }

        var broken = package.Inputs.FirstOrDefault(input =>
            !champion.Inputs.TryGet(input.Name, out var known) || known.Type != input.Type || (known.Nullable && !input.Nullable));
        return broken is null
            ? new GateOutcome("contract", true, $"requests of version {champion.Version.Version} stay valid")
            : new GateOutcome("contract", false,
                $"it needs '{broken.Name}' as {broken.Type.ToString().ToLowerInvariant()}{(broken.Nullable ? "" : " in every row")}, " +
                $"which clients of version {champion.Version.Version} need not send");
    }

    private static GateOutcome Latency(CandidatePackage package, TimeSpan limit) => new(
        "latency", package.Latency <= limit,
        Invariant($"one row takes {package.Latency.TotalMilliseconds:0.###} ms (p99); the limit is {limit.TotalMilliseconds:0.###} ms"));

    private static GateOutcome Size(CandidatePackage package, double limitMb) => new(
        "size", package.Bytes <= limitMb * 1e6,
        Invariant($"the model has {package.Bytes / 1e6:0.00} MB; the limit is {limitMb:0.##} MB"));

    private static string Compare(PairedComparison comparison, string whose, int rows) => Invariant(
        $"{comparison.Metric} {comparison.Candidate:G5} against {whose} {comparison.Champion:G5} on {rows} rows; ") + Invariant(
        $"better by {comparison.Improvement:G4} [{comparison.Interval.Lower:G4}, {comparison.Interval.Upper:G4}]");

    private static string Margin(double margin) => margin > 0 ? Invariant($", {margin:0.####} needed") : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
