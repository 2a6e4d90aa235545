using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Primitives;
using Gyre.Serving.Storage;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Outcomes;
using Gyre.Serving.Traffic.Policies;
using Gyre.Serving.Traffic.Storage;
using Gyre.Tracking;

namespace Gyre.Serving.Traffic;

/// <summary>
/// What people do with traffic policies: set one, look at it, hold it, end it. Works on the database alone, so that it
/// makes no difference whether a server or a command calls it; running servers follow within a second. Thread-safe.
/// </summary>
public sealed class TrafficControl
{
    private const int Attempts = 5;

    private readonly TrafficStore _store;
    private readonly TrafficReport _report;
    private readonly TrafficChanges _changes;
    private readonly IdGenerator _ids;
    private readonly TimeProvider _time;

    internal TrafficControl(TrafficStore store, TrafficReport report, TrafficChanges changes, TimeProvider time) =>
        (_store, _report, _changes, _ids, _time) = (store, report, changes, new IdGenerator(time), time);

    /// <summary>Over a database, without a server.</summary>
    /// <param name="database">The database; its tables are made where they are absent.</param>
    /// <param name="registry">The models.</param>
    /// <param name="time">The clock of records.</param>
    /// <param name="sink">Keeps events.</param>
    public static TrafficControl Open(
        TrackingDatabase database, ModelRegistry registry, TimeProvider time, TrafficEventSink sink)
    {
        database.Migrate(ServingTables.Module, ServingTables.Migrations);
        var store = new TrafficStore(database);
        var evidence = new EvidenceReader(new ArmStore(database), new OutcomeReader(database));
        return new TrafficControl(store, new TrafficReport(evidence, new ShadowStore(database)),
            new TrafficChanges(store, registry, time, sink, ModelAliases.Champion), time);
    }

    /// <summary>All models that have or had a policy, as <see cref="Show"/> tells them.</summary>
    public JsonArray List() => new([.. _store.List().Select(row => (JsonNode)_report.Of(row))]);

    /// <summary>A model's policy, where it stands, and what its arms did.</summary>
    /// <exception cref="GyreException">There is no such model, or it has no champion.</exception>
    public JsonObject Show(string model) => _store.Find(model) is { } row ? _report.Of(row)
        : TrafficReport.OfChampion(model, RequireChampion(model));

    /// <summary>The losses and gains that policies may compare by.</summary>
    public static IReadOnlyList<string> Metrics => OutcomeMetric.All;

    /// <summary>The name of a model's policy while it is running or paused; null when none is.</summary>
    public string? ActivePolicy(string model) => _store.Find(model) is { IsActive: true } row ? row.Policy.Name : null;

    /// <summary>Whether a version is part of its model's policy while that is running or paused.</summary>
    public bool IsTriedOut(string model, int version) =>
        _store.Find(model) is { IsActive: true } row && row.Policy.Versions.Contains(version);

    /// <summary>Sets a policy in place of the present one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="policy"><c>{"policy": name, …}</c>.</param>
    /// <param name="by">Who sets it.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <exception cref="GyreException">
    /// The policy cannot be read, or a version does not exist, or a challenger is champion already.
    /// </exception>
    public async Task<JsonObject> SetAsync(
        string model, JsonElement policy, string by, CancellationToken cancellationToken)
    {
        var wanted = PolicyReader.Read(policy);
        var champion = RequireChampion(model);
        foreach (var version in wanted.Versions) _changes.Require(model, version);
        if (wanted is CanaryPolicy or ShadowPolicy && wanted.Versions[0] == champion)
            throw new GyreException(ErrorCode.Conflict, $"Version {champion} of '{model}' is the champion already.");
        await RepeatAsync(model, async before =>
        {
            var now = _time.GetUtcNow();
            var state = new TrafficState(
                wanted is ChampionPolicy ? TrafficStatus.Finished : TrafficStatus.Running, (before?.Revision ?? 0) + 1,
                now, 0, now, champion, SaltFor(before, wanted), "", false);
            var what = TrafficReport.Describe(wanted);
            return await _changes.TryAsync(before, wanted, state, by, _changes.Event(model, "policy-set",
                $"{what}, set by {by}", wanted.Versions.IsEmpty ? champion : wanted.Versions[^1],
                new JsonObject { ["by"] = by, ["policy"] = PolicyWriter.Write(wanted) }), cancellationToken);
        });
        return Show(model);
    }

    /// <summary>Holds a policy where it is: it goes no further by itself. Its guards stay.</summary>
    /// <exception cref="GyreException">No policy is running.</exception>
    public Task<JsonObject> PauseAsync(string model, string by, CancellationToken cancellationToken) =>
        MarkAsync(model, TrafficStatus.Paused, "paused", by, "", cancellationToken);

    /// <summary>Lets a policy go on.</summary>
    /// <exception cref="GyreException">No policy is held.</exception>
    public Task<JsonObject> ResumeAsync(string model, string by, CancellationToken cancellationToken) =>
        MarkAsync(model, TrafficStatus.Running, "resumed", by, "", cancellationToken);

    /// <summary>Gives everything back to the champion.</summary>
    /// <param name="model">The model.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <exception cref="GyreException">No policy is under way.</exception>
    public Task<JsonObject> RollBackAsync(
        string model, string by, string reason, CancellationToken cancellationToken) =>
        MarkAsync(model, TrafficStatus.RolledBack, "rolled-back", by, reason, cancellationToken);

    /// <summary>Makes a version of the policy champion, now.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">Which; may be null where the policy has one challenger.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <exception cref="GyreException">No policy is under way, or the version is none of it.</exception>
    public async Task<JsonObject> PromoteAsync(
        string model, int? version, string by, string reason, CancellationToken cancellationToken)
    {
        await RepeatAsync(model, before =>
        {
            var row = RequireActive(model, before);
            var chosen = version ?? (row.Policy.Versions.Length == 1 ? row.Policy.Versions[0]
                : throw GyreException.Invalid($"'{model}' has several arms: name the version to promote."));
            if (!row.Policy.Versions.Contains(chosen))
                throw GyreException.Invalid($"Version {chosen} is no arm of the policy of '{model}'.");
            return _changes.TryPromoteAsync(row, chosen, by, _changes.Event(model, "finished",
                With($"version {chosen} is champion: promoted by {by}", reason), chosen,
                _report.Evidence(row, by, reason)), cancellationToken);
        });
        return Show(model);
    }

    private async Task<JsonObject> MarkAsync(
        string model, TrafficStatus status, string kind, string by, string reason, CancellationToken cancellationToken)
    {
        await RepeatAsync(model, before =>
        {
            var row = RequireActive(model, before);
            if (row.State.Status == status)
                throw new GyreException(ErrorCode.Conflict, $"The traffic of '{model}' is {kind} already.");
            var summary = With($"{row.Policy.Name} {kind} by {by}", reason);
            return _changes.TryAsync(row, row.Policy, row.State with { Status = status, Reason = summary }, by,
                _changes.Event(model, kind, summary, row.Policy.Versions[^1], _report.Evidence(row, by, reason)),
                cancellationToken);
        });
        return Show(model);
    }

    private async Task RepeatAsync(string model, Func<TrafficRow?, Task<bool>> change)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await change(_store.Find(model))) return;
        }

        throw new StaleRevisionException(model);
    }

    private int RequireChampion(string model) => _changes.ChampionOf(model)
        ?? throw GyreException.NotFound($"No model '{model}' with a champion is registered.");

    private static TrafficRow RequireActive(string model, TrafficRow? row) =>
        row is { IsActive: true } ? row
            : throw new GyreException(ErrorCode.Conflict, $"No traffic policy of '{model}' is under way.");

    // A changed weight or another try with the same kind of policy leaves keys where they are; a new one deals anew.
    private string SaltFor(TrafficRow? before, TrafficPolicy wanted) =>
        before is { IsActive: true } && before.Policy.Name == wanted.Name
            ? before.State.Salt : _ids.Next();

    private static string With(string summary, string reason) =>
        reason.Length == 0 ? summary : string.Create(CultureInfo.InvariantCulture, $"{summary}: {reason}");
}
