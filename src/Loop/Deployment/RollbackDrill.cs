using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Loop.Ledger;
using Gyre.Loop.Runs;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.Deployment;

/// <summary>
/// Rehearses a rollback on a running server: promotes another version, waits until it is served, rolls back, waits
/// again, and compares the served predictions with those before, bit for bit.
/// </summary>
/// <param name="workspace">The workspace.</param>
/// <param name="server">A client whose base address is the server of that workspace.</param>
public sealed class RollbackDrill(Workspace workspace, HttpClient server)
{
    private const string DrillTag = "gyre.drill";

    private readonly Promotion _promotion = new(workspace);

    /// <summary>Runs the drill.</summary>
    /// <exception cref="GyreException">
    /// The model has no champion, a run, another drill or a traffic policy is under way, or the server does not follow
    /// the registry.
    /// </exception>
    public async Task<DrillResult> RunAsync(string model, CancellationToken cancellationToken)
    {
        // No run may promote between the two moves of a drill, or the way back would lead elsewhere.
        using var running = RunLock.Take(workspace.StateFolder);
        await new Recovery(workspace).RunAsync(cancellationToken);
        var champion = workspace.Registry.GetByAlias(model, ModelAliases.Champion)
            ?? throw GyreException.NotFound($"model '{model}' has no champion; `gyre run` makes one");
        // It compares with the champion, which the drill would change under it: it would be given up.
        if (workspace.Traffic.ActivePolicy(model) is { } policy)
        {
            throw new GyreException(ErrorCode.Conflict,
                $"the traffic policy '{policy}' of '{model}' is under way; a drill would end it");
        }

        var stand = await StandInAsync(champion, cancellationToken);
        var rows = ExampleRows.Read(champion.Folder);

        await ServedVersion.WaitAsync(server, model, champion.Version, cancellationToken);
        var before = await PredictAsync(model, rows, cancellationToken);
        var clock = Stopwatch.StartNew();
        await _promotion.PromoteAsync(model, stand.Version, DrillStates.Entry(workspace, model, stand.Version, DrillStates.Started,
            $"drill: version {stand.Version} stands in for version {champion.Version}"), cancellationToken);
        try
        {
            await ServedVersion.WaitAsync(server, model, stand.Version, cancellationToken);
        }
        catch (Exception error)
        {
            // Whatever happens, the champion comes back; Ctrl+C must not leave the stand-in in its place.
            var cause = error is OperationCanceledException ? "stopped" : error.Message;
            await GiveBackAsync(stand, DrillStates.Entry(
                workspace, model, champion.Version, DrillStates.Failed, $"drill FAILED: {cause}"));
            throw;
        }

        await GiveBackAsync(stand, also: null);
        await ServedVersion.WaitAsync(server, model, champion.Version, cancellationToken);
        var after = await PredictAsync(model, rows, cancellationToken);
        clock.Stop();

        var result = new DrillResult(
            model, champion.Version, stand.Version, before == after, clock.Elapsed.TotalSeconds, rows.Count);
        await workspace.Ledger.AppendAsync(DrillStates.Entry(
            workspace, model, champion.Version, result.Ok ? DrillStates.Passed : DrillStates.Failed,
            string.Create(CultureInfo.InvariantCulture,
                $"drill {(result.Ok ? "passed" : "FAILED")}: back to version {champion.Version} in {result.Seconds:0.00} s, " +
                $"{rows.Count} predictions {(result.Ok ? "bit-identical" : "differ")}")), cancellationToken);
        return result;
    }

    /// <summary>Rolls back, unless somebody did so by hand meanwhile: a second step would lead one champion too far.</summary>
    private async Task GiveBackAsync(ModelVersion stand, LedgerEntry? also)
    {
        if (workspace.Registry.GetByAlias(stand.Model, ModelAliases.Champion)?.Version == stand.Version)
            await _promotion.RollBackAsync(stand.Model, "drill", also, CancellationToken.None);
        else if (also is not null) await workspace.Ledger.AppendAsync(also, CancellationToken.None);
    }

    /// <summary>
    /// The version that stands in: the champion before this one, else a copy of the champion. Never one that the gates refused:
    /// it answers live requests for a moment.
    /// </summary>
    private async Task<ModelVersion> StandInAsync(ModelVersion champion, CancellationToken cancellationToken)
    {
        if (workspace.Registry.PreviousVersion(champion.Model, ModelAliases.Champion) is { } previous)
            return workspace.Registry.Get(champion.Model, previous);
        if (workspace.Registry.List(champion.Model).FirstOrDefault(IsCopy) is { } copy) return copy;
        var folder = champion.Folder + "-drill";
        if (!Directory.Exists(folder))
        {
            await DurableFile.CreateFolderAsync(folder, (inner, _) =>
            {
                foreach (var file in Directory.EnumerateFiles(champion.Folder))
                    File.Copy(file, Path.Combine(inner, Path.GetFileName(file)));
                return Task.CompletedTask;
            }, cancellationToken);
        }

        return await workspace.Registry.CreateVersionAsync(champion.Model, folder, champion.RunId,
            new Dictionary<string, string> { [DrillTag] = champion.Version.ToString(CultureInfo.InvariantCulture) },
            $"a copy of version {champion.Version}, made for a rollback drill", cancellationToken);

        bool IsCopy(ModelVersion version) =>
            version.Tags.GetValueOrDefault(DrillTag) == champion.Version.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<string> PredictAsync(string model, JsonArray rows, CancellationToken cancellationToken)
    {
        using var content = new StringContent(
            new JsonObject { ["rows"] = rows.DeepClone() }.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await server.PostAsync(new Uri($"predict/{model}", UriKind.Relative), content, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new GyreException(ErrorCode.Unavailable, $"the server refused the drill's rows: {text}");
        using var answer = JsonDocument.Parse(text);
        return answer.RootElement.GetProperty("predictions").GetRawText();
    }
}

/// <summary>What a drill showed.</summary>
/// <param name="Model">The model.</param>
/// <param name="Champion">The version served before and after.</param>
/// <param name="StandIn">The version served between.</param>
/// <param name="Ok">Whether the predictions before and after are bit-identical.</param>
/// <param name="Seconds">From the promotion until the champion was served again.</param>
/// <param name="Rows">Rows compared.</param>
public sealed record DrillResult(string Model, int Champion, int StandIn, bool Ok, double Seconds, int Rows);
