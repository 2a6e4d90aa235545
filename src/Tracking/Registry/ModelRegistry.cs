using System.Collections.Immutable;
using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Registered models, their versions and aliases. A version becomes visible in one transaction, after its package
/// folder was
/// written whole; every move of an alias is kept in <c>gyre_alias_history</c>. Thread-safe; several processes may share
/// it.
/// </summary>
public sealed class ModelRegistry(TrackingDatabase database, ArtifactStore artifacts, TimeProvider time)
{
    /// <summary>
    /// An alias was moved by this process, and the move is committed. Raised on the thread that completes the change; a
    /// handler must be quick and must not throw. Of moves made at the same time the later may be reported first: take
    /// the
    /// event as a sign to read the registry. Moves made by other processes are not reported: poll for those.
    /// </summary>
    public event Action<AliasChange>? AliasChanged;

    /// <summary>
    /// Registers a version; the model is made when absent. Its number is one more than any the model ever had.
    /// </summary>
    /// <param name="name">The model.</param>
    /// <param name="sourceFolder">The package folder, which must be complete.</param>
    /// <param name="runId">The run that made it, or null.</param>
    /// <param name="tags">Its tags, or null.</param>
    /// <param name="description">A description for people, or null.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <exception cref="GyreException">The name is not allowed, the folder or the run does not exist.</exception>
    public async Task<ModelVersion> CreateVersionAsync(
        string name,
        string sourceFolder,
        string? runId,
        IReadOnlyDictionary<string, string>? tags = null,
        string? description = null,
        CancellationToken cancellationToken = default)
    {
        RegistryNames.CheckModel(name);
        if (!Directory.Exists(sourceFolder))
            throw GyreException.NotFound($"The model's package folder '{sourceFolder}' does not exist.");
        var row = new NewVersion(
            name, artifacts.UriOf(sourceFolder), runId, tags ?? new Dictionary<string, string>(), description);
        var version = await database.WriteAsync(
            connection =>
            {
                if (runId is not null && connection.Scalar("SELECT 1 FROM runs WHERE run_uuid = $1", runId) is null)
                    throw GyreException.NotFound($"There is no run '{runId}'.");
                var now = time.Milliseconds();
                ModelRows.TryInsert(connection, name, null, [], now);
                return VersionRows.Insert(connection, row, now);
            },
            cancellationToken);
        return Get(name, version);
    }

    /// <summary>Points an alias at a version, and writes the move to the history in the same transaction.</summary>
    /// <param name="name">The model.</param>
    /// <param name="alias">The alias; made when absent.</param>
    /// <param name="version">The version.</param>
    /// <param name="reason">Who or what decided it.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>
    /// The move; from and to are equal when the alias pointed there already, and then nothing was written.
    /// </returns>
    /// <exception cref="GyreException">
    /// The version does not exist or is deleted, or the alias is not allowed.
    /// </exception>
    public Task<AliasChange> SetAliasAsync(
        string name, string alias, int version, string reason = "", CancellationToken cancellationToken = default) =>
        SetAliasAsync(name, alias, version, reason, alongside: null, cancellationToken);

    /// <summary>
    /// As the other overload; <paramref name="alongside"/> writes more in the same transaction, such as the record of
    /// the
    /// decision, so that the move is never there without it.
    /// </summary>
    public Task<AliasChange> SetAliasAsync(
        string name, string alias, int version, string reason, Action<DbConnection>? alongside,
        CancellationToken cancellationToken)
    {
        RegistryNames.CheckAlias(alias);
        return ChangeAsync(
            connection => AliasRows.Set(connection, name, alias, version, reason, time.Milliseconds()), alongside,
            cancellationToken);
    }

    /// <summary>
    /// Moves an alias back to the version it pointed at before; repeated, it goes further back. Versions that were
    /// deleted
    /// meanwhile are passed over.
    /// </summary>
    /// <exception cref="GyreException">There is no earlier version.</exception>
    public Task<AliasChange> RollbackAsync(
        string name, string alias, string reason = "", CancellationToken cancellationToken = default) =>
        RollbackAsync(name, alias, reason, alongside: null, cancellationToken);

    /// <summary>As the other overload; <paramref name="alongside"/> writes more in the same transaction.</summary>
    public Task<AliasChange> RollbackAsync(
        string name, string alias, string reason, Action<DbConnection>? alongside,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            connection => AliasRows.Rollback(connection, name, alias, reason, time.Milliseconds()), alongside,
            cancellationToken);

    /// <summary>Takes an alias away.</summary>
    /// <returns>The move, or null when there was no such alias.</returns>
    public async Task<AliasChange?> RemoveAliasAsync(
        string name, string alias, string reason = "", CancellationToken cancellationToken = default)
    {
        var change = await database.WriteAsync(
            connection => AliasRows.Remove(connection, name, alias, reason, time.Milliseconds()), cancellationToken);
        if (change is not null) Announce([change]);
        return change;
    }

    /// <summary>
    /// Deletes a version as MLflow does: the row stays, redacted, so that its number is not used again. Aliases to it
    /// lead nowhere until they are moved. Its package folder is left to the caller.
    /// </summary>
    /// <exception cref="GyreException">There is no such version.</exception>
    public async Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default) =>
        Announce(await database.WriteAsync(connection =>
        {
            var now = time.Milliseconds();
            VersionRows.Delete(connection, name, version, now);
            return AliasRows.LoseVersion(connection, name, version, now);
        }, cancellationToken));

    /// <summary>Sets a tag of a version.</summary>
    /// <exception cref="GyreException">There is no such version.</exception>
    public Task SetVersionTagAsync(
        string name, int version, string key, string value, CancellationToken cancellationToken = default) =>
        database.WriteAsync(connection => VersionRows.SetTag(connection, name, version, key, value), cancellationToken);

    /// <summary>Raises the event for moves that are committed.</summary>
    internal void Announce(IEnumerable<AliasChange> changes)
    {
        foreach (var change in changes) AliasChanged?.Invoke(change);
    }

    /// <summary>All models, by name.</summary>
    public IReadOnlyList<RegisteredModel> ListModels()
    {
        using var connection = database.OpenReader();
        return [.. ModelRows.Read(connection, ModelRows.Names(connection)).Select(model => new RegisteredModel(
            model.Name, model.CreatedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            model.Latest.Count == 0 ? null : model.Latest.Max(version => version.Version),
            model.Aliases.ToImmutableSortedDictionary(StringComparer.Ordinal)))];
    }

    /// <summary>The version.</summary>
    /// <exception cref="GyreException">There is none, or it is deleted.</exception>
    public ModelVersion Get(string name, int version) =>
        Find(name, version) ?? throw VersionRows.NotFound(name, version);

    /// <summary>The version, or null when there is none or it is deleted.</summary>
    public ModelVersion? Find(string name, int version)
    {
        using var connection = database.OpenReader();
        return VersionRows.Find(connection, name, version) is { } row ? Map(row) : null;
    }

    /// <summary>
    /// The version an alias points at, or null. Cheap enough to poll: one lookup by key when the alias is absent.
    /// </summary>
    public ModelVersion? GetByAlias(string name, string alias)
    {
        using var connection = database.OpenReader();
        return AliasRows.Current(connection, name, alias) is { } version
            && VersionRows.Find(connection, name, version) is { } row ? Map(row) : null;
    }

    /// <summary>The number an alias points at for every model that has the alias; one query, for polling.</summary>
    public IReadOnlyDictionary<string, int> VersionsByAlias(string alias)
    {
        using var connection = database.OpenReader();
        return AliasRows.VersionsOf(connection, alias);
    }

    /// <summary>The model's versions that are not deleted, the newest first.</summary>
    public IReadOnlyList<ModelVersion> List(string name)
    {
        using var connection = database.OpenReader();
        return [.. VersionRows.Of(connection, name).Select(Map)];
    }

    /// <summary>The version that a rollback would go back to, or null.</summary>
    public int? PreviousVersion(string name, string alias)
    {
        using var connection = database.OpenReader();
        return AliasRows.Previous(connection, name, alias);
    }

    /// <summary>Every move of an alias of the model, the oldest first.</summary>
    public IReadOnlyList<AliasChange> AliasHistory(string name, string alias)
    {
        using var connection = database.OpenReader();
        return AliasRows.History(connection, name, alias);
    }

    private async Task<AliasChange> ChangeAsync(
        Func<DbConnection, AliasChange> change, Action<DbConnection>? alongside, CancellationToken cancellationToken)
    {
        var made = await database.WriteAsync(
            connection =>
            {
                var move = change(connection);
                alongside?.Invoke(connection);
                return move;
            },
            cancellationToken);
        if (made.FromVersion != made.ToVersion) Announce([made]);
        return made;
    }

    private ModelVersion Map(VersionRecord row)
    {
        var location = row.Location ?? row.Source ?? "";
        return new ModelVersion(
            row.Name, row.Version, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt ?? 0),
            artifacts.FindFolder(location) ?? "", location, string.IsNullOrEmpty(row.RunId) ? null : row.RunId,
            row.Description, row.Tags.ToImmutableSortedDictionary(StringComparer.Ordinal), [.. row.Aliases]);
    }
}
