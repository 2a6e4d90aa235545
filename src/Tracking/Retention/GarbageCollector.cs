using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Retention;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Removes for good what was deleted long ago: rows, and the artifacts they named.
/// <para>
/// The rows of one thing go in one transaction, which also notes its artifacts' addresses in
/// <c>gyre_artifact_removals</c>; then the files go, then the note. A process killed in between leaves nothing that
/// points to nothing, and the next collection finishes. What a living version of a model needs stays, so that every
/// prediction can still be traced to its run; the ledger keeps its entries, which are history.
/// </para>
/// </summary>
/// <param name="database">The rows.</param>
/// <param name="artifacts">The artifacts in a local folder.</param>
/// <param name="bucket">The root in a bucket, where the server keeps them in one; else null.</param>
/// <param name="time">The clock.</param>
public sealed class GarbageCollector(TrackingDatabase database, ArtifactStore artifacts, ArtifactRoot? bucket,
    TimeProvider time)
{
    private readonly ArtifactRemoval _files = new(
        artifacts, bucket is { Bucket: not null } ? S3Connection.Open(bucket) : new LocalArtifacts(artifacts, time));

    /// <summary>Collects.</summary>
    /// <param name="olderThan">How long ago it must have been deleted, 0 or more.</param>
    /// <param name="dryRun">Tell what would be removed, and remove nothing.</param>
    /// <param name="cancellationToken">Stops between one thing and the next.</param>
    public async Task<GcReport> RunAsync(TimeSpan olderThan, bool dryRun, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(olderThan, TimeSpan.Zero);
        var report = new GcReport { IsDryRun = dryRun };
        if (!dryRun) await RemoveArtifactsAsync(report, cancellationToken);
        var cutoff = (time.GetUtcNow() - olderThan).ToUnixTimeMilliseconds();
        var (going, staying) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<long>());
        foreach (var (model, experiment) in List(connection => GarbageRows.LoggedModels(connection, cutoff)))
        {
            if (await RemoveAsync($"logged model {model}", c => GarbageRows.NeedOfLoggedModel(c, model),
                    c => GarbageRows.LoggedModels(c, cutoff).Contains((model, experiment)),
                    c => GarbageRows.RemoveLoggedModel(c, model), report, cancellationToken))
            {
                report.LoggedModels++;
                going.Add(model);
            }
            else staying.Add(experiment);
        }

        foreach (var (run, experiment) in List(connection => GarbageRows.Runs(connection, cutoff)))
        {
            if (await RemoveAsync($"run {run}", c => GarbageRows.NeedOfRun(c, run, going), c => IsStillDeleted(c, run),
                    c => GarbageRows.RemoveRun(c, run), report, cancellationToken)) report.Runs++;
            else staying.Add(experiment);
        }

        foreach (var (id, name) in List(connection => GarbageRows.Experiments(connection, cutoff)))
        {
            if (await RemoveAsync($"experiment '{name}'",
                    c => staying.Contains(id) ? "it has runs or logged models that stay" : dryRun ? null
                        : GarbageRows.NeedOfExperiment(c, id),
                    c => GarbageRows.Experiments(c, cutoff).Contains((id, name)),
                    c => GarbageRows.RemoveExperiment(c, id), report, cancellationToken)) report.Experiments++;
        }

        foreach (var (model, version) in List(connection => GarbageRows.Versions(connection, cutoff)))
        {
            if (await RemoveAsync($"version {version} of '{model}'", _ => null,
                    c => GarbageRows.Versions(c, cutoff).Contains((model, version)),
                    c => GarbageRows.RemoveVersion(c, model, version), report, cancellationToken)) report.Versions++;
        }

        if (!dryRun) await RemoveArtifactsAsync(report, cancellationToken);
        return report;
    }

    /// <summary>Removes one thing unless something needs it, or it was restored meanwhile; true when it went.</summary>
    private async Task<bool> RemoveAsync(
        string what, Func<DbConnection, string?> need, Func<DbConnection, bool> isStillGarbage,
        Func<DbConnection, List<string>> remove, GcReport report, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? reason;
        if (report.IsDryRun)
        {
            using var connection = database.OpenReader();
            reason = need(connection);
        }
        else
        {
            reason = await database.WriteAsync(
                connection =>
                {
                    if (!isStillGarbage(connection)) return "it was restored meanwhile";
                    if (need(connection) is { } found) return found;
                    foreach (var uri in remove(connection))
                    {
                        connection.Execute(
                            "INSERT INTO gyre_artifact_removals (uri, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                            uri, time.Milliseconds());
                    }

                    return null;
                },
                cancellationToken);
        }

        if (reason is not null) report.Kept.Add($"{what}: {reason}");
        return reason is null;
    }

    private async Task RemoveArtifactsAsync(GcReport report, CancellationToken cancellationToken)
    {
        foreach (var uri in List(connection => connection.Query(
                     "SELECT uri FROM gyre_artifact_removals ORDER BY uri", reader => reader.GetString(0))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var removed = await _files.RemoveAsync(uri, cancellationToken);
            if (removed is true) report.Artifacts++;
            else if (!report.Left.Contains(uri)) report.Left.Add(uri);
            if (removed is null) continue; // noted for the next collection
            await database.WriteAsync(
                connection => connection.Execute("DELETE FROM gyre_artifact_removals WHERE uri = $1", uri),
                    cancellationToken);
        }
    }

    private List<T> List<T>(Func<DbConnection, List<T>> read)
    {
        using var connection = database.OpenReader();
        return read(connection);
    }

    private static bool IsStillDeleted(DbConnection connection, string run) => connection.Scalar(
        """
        SELECT 1 FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
        WHERE r.run_uuid = $1 AND (r.lifecycle_stage = 'deleted' OR e.lifecycle_stage = 'deleted')
        """,
        run) is not null;
}
