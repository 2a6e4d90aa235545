using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>Logged models by MLflow's rules. Thread-safe.</summary>
internal sealed class LoggedModelStore(TrackingDatabase database, TimeProvider time)
{
    private readonly IdGenerator _ids = new(time);

    /// <summary>Makes a model that is pending.</summary>
    /// <param name="experimentId">An active experiment.</param>
    /// <param name="name">Its name; a random one when null or empty.</param>
    /// <param name="modelType">What kind of model it is, may be empty.</param>
    /// <param name="sourceRunId">The run that makes it, may be empty.</param>
    /// <param name="parameters">Its parameters, each once.</param>
    /// <param name="tags">Its tags; of equal keys the last counts.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <exception cref="GyreException">The experiment is absent or deleted, or a name is not allowed.</exception>
    public async Task<LoggedModel> CreateAsync(
        long experimentId, string? name, string modelType, string sourceRunId,
        IReadOnlyCollection<KeyValuePair<string, string>> parameters,
        IReadOnlyCollection<KeyValuePair<string, string>> tags, CancellationToken cancellationToken)
    {
        var chosen = string.IsNullOrEmpty(name) ? RandomNames.Next() : name;
        LoggedModelNames.CheckName(chosen);
        foreach (var (key, value) in parameters) LoggedModelNames.CheckParam(key, value);
        foreach (var (key, value) in tags) LoggedModelNames.CheckTag(key, value);
        var id = "m-" + _ids.Next();
        await database.WriteAsync(
            connection =>
            {
                var uri = $"{ArtifactRoot(connection, experimentId)}/models/{id}/artifacts";
                var now = time.Milliseconds();
                LoggedModelRows.Insert(connection, new LoggedModel(id, experimentId, chosen, uri)
                {
                    CreatedAt = now,
                    UpdatedAt = now,
                    Status = LoggedModelStatus.Pending,
                    ModelType = modelType,
                    SourceRunId = sourceRunId,
                });
                LoggedModelRows.AddParams(connection, id, parameters);
                foreach (var (key, value) in tags) LoggedModelRows.PutTag(connection, id, key, value);
            },
            cancellationToken);
        return Get(id);
    }

    /// <summary>Says how the writing of its files ended.</summary>
    /// <exception cref="GyreException">There is no such model, or it is deleted.</exception>
    public async Task<LoggedModel> FinalizeAsync(
        string id, LoggedModelStatus status, CancellationToken cancellationToken)
    {
        await ChangeAsync(
            id, (connection, now) => LoggedModelRows.SetStatus(connection, id, status, now), cancellationToken);
        return Get(id);
    }

    /// <summary>Marks a model deleted; its files stay.</summary>
    /// <exception cref="GyreException">There is no such model, or it is deleted already.</exception>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) =>
        ChangeAsync(id, (connection, now) => LoggedModelRows.Delete(connection, id, now), cancellationToken);

    /// <exception cref="GyreException">There is no such model, or a tag is not allowed.</exception>
    public Task SetTagsAsync(
        string id, IReadOnlyCollection<KeyValuePair<string, string>> tags, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in tags) LoggedModelNames.CheckTag(key, value);
        return ChangeAsync(
            id,
            (connection, _) =>
            {
                foreach (var (key, value) in tags) LoggedModelRows.PutTag(connection, id, key, value);
            },
            cancellationToken);
    }

    /// <exception cref="GyreException">There is no such model or tag.</exception>
    public Task DeleteTagAsync(string id, string key, CancellationToken cancellationToken) => ChangeAsync(
        id,
        (connection, _) =>
        {
            if (!LoggedModelRows.DeleteTag(connection, id, key))
                throw GyreException.NotFound($"No tag with key '{key}' found for model with ID '{id}'.");
        },
        cancellationToken);

    /// <summary>Adds parameters; each is written once.</summary>
    /// <exception cref="GyreException">No such model; a parameter is there already or not allowed.</exception>
    public Task AddParamsAsync(
        string id, IReadOnlyCollection<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in parameters) LoggedModelNames.CheckParam(key, value);
        return ChangeAsync(
            id, (connection, _) => LoggedModelRows.AddParams(connection, id, parameters), cancellationToken);
    }

    /// <exception cref="GyreException">There is no such model, or it is deleted and was not asked for.</exception>
    public LoggedModel Get(string id, bool evenDeleted = false)
    {
        using var connection = database.OpenReader();
        return LoggedModelRows.Find(connection, id, evenDeleted) ?? throw LoggedModelRows.NotFound(id);
    }

    private Task ChangeAsync(string id, Action<DbConnection, long> change, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                LoggedModelRows.Require(connection, id);
                change(connection, time.Milliseconds());
            },
            cancellationToken);

    private static string ArtifactRoot(DbConnection connection, long experimentId)
    {
        var experiment = ExperimentRows.Find(connection, experimentId)
            ?? throw GyreException.NotFound($"No Experiment with id={experimentId} exists");
        if (experiment.IsDeleted)
        {
            throw GyreException.Invalid(
                $"The experiment {experimentId} must be in the 'active' state. Current state is deleted.");
        }

        return experiment.ArtifactLocation.TrimEnd('/');
    }
}
