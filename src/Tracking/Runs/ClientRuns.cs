using Gyre.Primitives;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Runs as clients of the protocol make, write and find them: with MLflow's limits, and without an owner among
/// processes. What a method acknowledged survives the death of the process. Thread-safe.
/// </summary>
internal sealed class ClientRuns(TrackingDatabase database, TimeProvider time)
{
    /// <summary>How many runs of a page are in memory at once.</summary>
    private const int PageChunk = 200;

    private readonly IdGenerator _ids = new(time);

    /// <summary>Makes a run.</summary>
    /// <exception cref="GyreException">
    /// The experiment does not exist or is deleted, a tag is not allowed, or name and tag say different names.
    /// </exception>
    public async Task<RunRecord> CreateAsync(ClientRun run, CancellationToken cancellationToken)
    {
        for (var i = 0; i < run.Tags.Count; i++) RunNames.Check(run.Tags[i].Key, $"tags[{i}].key");
        run = Named(run);
        var id = _ids.Next();
        await database.WriteAsync(
            connection => RunRows.Insert(connection, id, run, run.StartTime ?? time.Milliseconds()), cancellationToken);
        return Get(id);
    }

    /// <summary>Changes what is not null of an active run, and gives it.</summary>
    /// <exception cref="GyreException">It does not exist or is deleted.</exception>
    public async Task<RunRecord> UpdateAsync(
        string runId, string? status, long? endTime, string? name, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            connection => RunRows.Update(connection, runId, status, endTime, name), cancellationToken);
        return Get(runId);
    }

    /// <summary>Marks a run deleted, or brings it back.</summary>
    /// <exception cref="GyreException">It does not exist.</exception>
    public Task SetDeletedAsync(string runId, bool deleted, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection => RunRows.SetDeleted(connection, runId, deleted, time.Milliseconds()), cancellationToken);

    /// <summary>Writes a batch whole or not at all.</summary>
    /// <exception cref="GyreException">
    /// The batch is not allowed, the run does not exist or is deleted, or a parameter has another value already.
    /// </exception>
    public Task LogAsync(string runId, ClientBatch batch, CancellationToken cancellationToken)
    {
        BatchLimits.Check(batch);
        return database.WriteAsync(connection => RunLog.Write(connection, runId, batch), cancellationToken);
    }

    /// <summary>Writes one point of a metric.</summary>
    /// <exception cref="GyreException">As for <see cref="LogAsync"/>.</exception>
    public Task LogMetricAsync(string runId, MetricPoint point, CancellationToken cancellationToken)
    {
        BatchLimits.CheckMetric(point);
        return database.WriteAsync(connection => RunLog.Write(connection, runId, point), cancellationToken);
    }

    /// <summary>Removes a tag.</summary>
    /// <exception cref="GyreException">The run or the tag does not exist, or the run is deleted.</exception>
    public Task DeleteTagAsync(string runId, string key, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => RunRows.DeleteTag(connection, runId, key), cancellationToken);

    /// <summary>Appends the description of a model to the run's history of models.</summary>
    /// <exception cref="GyreException">The run does not exist or is deleted; the description lacks a field.</exception>
    public Task LogModelAsync(string runId, string modelJson, CancellationToken cancellationToken)
    {
        var model = ModelHistory.Parse(modelJson);
        return database.WriteAsync(connection => ModelHistory.Append(connection, runId, model), cancellationToken);
    }

    /// <summary>Records what a run read.</summary>
    /// <exception cref="GyreException">The run does not exist or is deleted; a text is missing or too long.</exception>
    public Task LogInputsAsync(
        string runId, IReadOnlyList<DatasetInputRecord> datasets, IReadOnlyList<string> models,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < datasets.Count; i++) DatasetLimits.Check(datasets[i], $"datasets[{i}]");
        var uses = datasets.Select(dataset => (Dataset: dataset, DatasetId: _ids.Next(), UseId: _ids.Next())).ToList();
        var links = models.Select(model => (model, _ids.Next())).ToList();
        return database.WriteAsync(
            connection =>
            {
                RunLog.RequireActive(connection, runId);
                foreach (var use in uses) DatasetRows.Link(connection, runId, use.Dataset, use.DatasetId, use.UseId);
                RunRows.LinkModelInputs(connection, runId, links);
            },
            cancellationToken);
    }

    /// <summary>Records the logged models that a run made.</summary>
    /// <exception cref="GyreException">The run does not exist or is deleted.</exception>
    public Task LogOutputsAsync(
        string runId, IReadOnlyList<(string ModelId, long Step)> models, CancellationToken cancellationToken)
    {
        var links = models.Select(model => (model, _ids.Next())).ToList();
        return database.WriteAsync(
            connection => RunRows.LinkModelOutputs(connection, runId, links), cancellationToken);
    }

    /// <summary>The run of that id, deleted or not.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public RunRecord Get(string runId)
    {
        using var connection = database.OpenReader();
        return RunPageReader.Read(connection, [runId]).FirstOrDefault() ?? throw RunLog.NotFound(runId);
    }

    /// <summary>The ids of a page of runs.</summary>
    /// <exception cref="GyreException">The filter, the order or the token cannot be understood.</exception>
    public Page<string> Search(RunSearchQuery query)
    {
        using var connection = database.OpenReader();
        using var snapshot = connection.BeginRead();
        return RunSearch.Search(connection, query);
    }

    /// <summary>
    /// The runs of those ids, in their order, read by and by while the result is enumerated; those that are gone are
    /// left out.
    /// </summary>
    public IEnumerable<RunRecord> Read(IReadOnlyList<string> ids)
    {
        using var connection = database.OpenReader();
        foreach (var chunk in ids.Chunk(PageChunk))
        {
            foreach (var run in RunPageReader.Read(connection, chunk)) yield return run;
        }
    }

    /// <summary>The datasets of experiments.</summary>
    public IReadOnlyList<DatasetSummary> SummarizeDatasets(IReadOnlyList<long> experiments)
    {
        if (experiments.Count == 0) return [];
        using var connection = database.OpenReader();
        return DatasetRows.Summaries(connection, experiments, DatasetLimits.MaxSummaries);
    }

    private static ClientRun Named(ClientRun run)
    {
        var tag = run.Tags.LastOrDefault(tag => tag.Key == RunTags.RunName).Value;
        if (!string.IsNullOrEmpty(run.Name) && !string.IsNullOrEmpty(tag) && run.Name != tag)
        {
            throw GyreException.Invalid(
                $"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name="
                + $"'{run.Name}', mlflow.runName='{tag}').");
        }

        var name = !string.IsNullOrEmpty(run.Name) ? run.Name : !string.IsNullOrEmpty(tag) ? tag : RandomNames.Next();
        return run with
        {
            Name = name,
            Tags = [.. run.Tags.Where(tag => tag.Key != RunTags.RunName), KeyValuePair.Create(RunTags.RunName, name)],
        };
    }
}
