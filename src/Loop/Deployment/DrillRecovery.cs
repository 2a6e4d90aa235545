using Gyre.Loop.Ledger;
using Gyre.Tracking;

namespace Gyre.Loop.Deployment;

/// <summary>
/// Ends a drill whose process died while the stand-in was champion. Only for the holder of the run lock: a drill that is under
/// way holds it.
/// </summary>
internal sealed class DrillRecovery(Workspace workspace)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var model in workspace.Registry.ListModels())
        {
            if (CutShort(model.Name) is not { } standIn) continue;
            var failed = DrillStates.Entry(workspace, model.Name, standIn, DrillStates.Failed,
                $"drill FAILED: it was cut short while version {standIn} stood in");
            await new Promotion(workspace).RollBackAsync(
                model.Name, "a drill was cut short", also: failed, cancellationToken);
        }
    }

    /// <summary>The stand-in that a drill left as champion, if nobody has moved the alias since.</summary>
    private int? CutShort(string model)
    {
        if (Newest(model, LedgerKind.Drill) is not { Version: { } standIn } last || !DrillStates.IsStart(last)) return null;
        var movedSince = Newest(model, LedgerKind.Promotion)?.Id > last.Id || Newest(model, LedgerKind.Rollback)?.Id > last.Id;
        return !movedSince && workspace.Registry.GetByAlias(model, ModelAliases.Champion)?.Version == standIn ? standIn : null;
    }

    private LedgerEntry? Newest(string model, LedgerKind kind) =>
        workspace.Ledger.List(model, kind, newest: 1).FirstOrDefault();
}

/// <summary>What ledger entries say of a drill.</summary>
internal static class DrillStates
{
    public const string Started = "started";
    public const string Passed = "passed";
    public const string Failed = "failed";

    public static LedgerEntry Entry(Workspace workspace, string model, int version, string state, string summary) => new(
        0, workspace.Time.GetUtcNow(), model, LedgerKind.Drill, summary, null, version,
        LoopJson.Evidence(new { state, version }));

    public static bool IsStart(LedgerEntry entry) => entry.Evidence["state"]?.GetValue<string>() == Started;
}
