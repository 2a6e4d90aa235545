using Gyre.Primitives;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Experiments and runs, with MLflow's names and values. What a method acknowledged (its task completed) survives the
/// death
/// of the process. Thread-safe.
/// </summary>
public sealed class RunStore(TrackingDatabase database, ArtifactStore artifacts, TimeProvider time)
{
    private readonly IdGenerator _ids = new(time);

    /// <summary>The experiment of that name, made when absent.</summary>
    /// <exception cref="GyreException">
    /// The name is empty or longer than 256 characters, or belongs to a deleted experiment.
    /// </exception>
    public Task<Experiment> GetOrCreateExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 256)
            throw GyreException.Invalid($"'{name}' is not a name for an experiment: 1 to 256 characters are needed.");
        return database.WriteAsync(
            connection => ExperimentRows.GetOrCreate(connection, name, time.Milliseconds()), cancellationToken);
    }

    /// <summary>The experiment of that name, or null when there is none or it is deleted.</summary>
    public Experiment? FindExperiment(string name)
    {
        using var connection = database.OpenReader();
        return ExperimentRows.Find(connection, name) is { IsDeleted: false } experiment ? experiment : null;
    }

    /// <summary>All experiments, by number.</summary>
    public IReadOnlyList<Experiment> ListExperiments()
    {
        using var connection = database.OpenReader();
        return ExperimentRows.List(connection);
    }

    /// <summary>
    /// Begins a run: status <see cref="RunStatus.Running"/>, started now, owned by this process until it is finished.
    /// </summary>
    /// <exception cref="GyreException">The experiment does not exist.</exception>
    public async Task<Run> StartAsync(RunStart start, CancellationToken cancellationToken = default)
    {
        var id = _ids.Next();
        var tags = new Dictionary<string, string>(start.Tags, StringComparer.Ordinal)
        {
            [RunTags.RunName] = start.Name,
            [ProcessOwner.Tag] = database.Owner.Id,
        };
        if (start.ParentId is not null) tags[RunTags.ParentRunId] = start.ParentId;
        tags.TryAdd(RunTags.User, Environment.UserName);
        tags.TryAdd(RunTags.SourceName, "gyre");
        tags.TryAdd(RunTags.SourceType, "LOCAL");
        foreach (var key in tags.Keys) RunNames.Check(key, "tag");
        var user = tags.GetValueOrDefault(RunTags.User, "");
        var run = new ClientRun(start.ExperimentId, start.Name, user, null, [.. tags]);
        var uri = await database.WriteAsync(
            connection => RunRows.Insert(connection, id, run, time.Milliseconds()), cancellationToken);
        Directory.CreateDirectory(artifacts.FolderOf(uri));
        return Get(id);
    }

    /// <summary>Logs metrics, parameters and tags to a run in one transaction: all of them or none.</summary>
    /// <exception cref="GyreException">
    /// The run does not exist or is deleted; a name is not allowed; a parameter has another value already.
    /// </exception>
    public Task LogBatchAsync(string runId, RunBatch batch, CancellationToken cancellationToken = default)
    {
        foreach (var metric in batch.Metrics) RunNames.Check(metric.Key, "metric");
        foreach (var key in batch.Parameters.Keys) RunNames.Check(key, "parameter");
        foreach (var key in batch.Tags.Keys) RunNames.Check(key, "tag");
        return database.WriteAsync(
            connection => RunLog.Write(connection, runId, batch, time.Milliseconds()), cancellationToken);
    }

    /// <summary>Records that a run read a dataset; the same one again changes nothing.</summary>
    /// <exception cref="GyreException">The run does not exist, or a text is too long.</exception>
    public Task LogInputAsync(string runId, DatasetInput input, CancellationToken cancellationToken = default)
    {
        if (input.Name.Length is 0 or > 500 || input.Digest.Length is 0 or > 36)
        {
            throw GyreException.Invalid(
                $"The dataset '{input.Name}' needs a name of 1 to 500 and a digest of 1 to 36 characters.");
        }

        var (datasetId, inputId) = (_ids.Next(), _ids.Next());
        return database.WriteAsync(
            connection => DatasetRows.Link(connection, runId, input, datasetId, inputId), cancellationToken);
    }

    /// <summary>Ends a run now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="status">Finished, Failed or Killed.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <exception cref="ArgumentException"><paramref name="status"/> is no end.</exception>
    /// <exception cref="GyreException">The run does not exist.</exception>
    public Task FinishAsync(string runId, RunStatus status, CancellationToken cancellationToken = default)
    {
        if (status is RunStatus.Running or RunStatus.Scheduled)
            throw new ArgumentException($"{status} does not end a run.", nameof(status));
        return database.WriteAsync(
            connection => RunRows.Finish(connection, runId, status, time.Milliseconds()), cancellationToken);
    }

    /// <summary>
    /// Marks every run that is still <see cref="RunStatus.Running"/> although the process that started it is gone as
    /// <see cref="RunStatus.Failed"/>, with the tag <see cref="RunTags.Orphaned"/>. Runs of living processes, and runs
    /// that
    /// other MLflow clients started, are left alone. Meant for start-up.
    /// </summary>
    /// <returns>The ids of the runs that were marked.</returns>
    public async Task<IReadOnlyList<string>> FailOrphansAsync(CancellationToken cancellationToken = default)
    {
        List<string> dead;
        using (var connection = database.OpenReader())
            dead = RunRows.RunningOwners(connection).Where(owner => !database.Owner.IsAlive(owner)).ToList();
        var failed = dead.Count == 0
            ? []
            : await database.WriteAsync(
                connection => RunRows.FailOwnedBy(connection, dead, time.Milliseconds()), cancellationToken);
        database.Owner.Sweep();
        return failed;
    }

    /// <summary>The run of that id.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public Run Get(string runId) => Find(runId) ?? throw GyreException.NotFound($"There is no run '{runId}'.");

    /// <summary>The run of that id, or null.</summary>
    public Run? Find(string runId)
    {
        using var connection = database.OpenReader();
        return RunReader.Read(connection, "r.run_uuid = $1", runId).FirstOrDefault();
    }

    /// <summary>The experiment's runs that are not deleted, the latest start first.</summary>
    /// <param name="experimentId">The experiment.</param>
    /// <param name="limit">At most this many, 1 or more.</param>
    public IReadOnlyList<Run> List(long experimentId, int limit = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        using var connection = database.OpenReader();
        return RunReader.Read(connection,
            """
            r.run_uuid IN (SELECT run_uuid FROM runs WHERE experiment_id = $1 AND lifecycle_stage = 'active'
                           ORDER BY start_time DESC, run_uuid DESC LIMIT $2)
            """,
            experimentId, limit);
    }

    /// <summary>The runs that name <paramref name="parentId"/> as their parent, the latest start first.</summary>
    public IReadOnlyList<Run> ListChildren(string parentId)
    {
        using var connection = database.OpenReader();
        return RunReader.Read(connection,
            """
            r.lifecycle_stage = 'active'
            AND r.run_uuid IN (SELECT run_uuid FROM tags WHERE key = 'mlflow.parentRunId' AND value = $1)
            """,
            parentId);
    }

    /// <summary>All points of one metric of a run, by timestamp, step and value.</summary>
    public IReadOnlyList<Metric> MetricHistory(string runId, string key)
    {
        using var connection = database.OpenReader();
        return RunReader.History(connection, runId, key);
    }
}
