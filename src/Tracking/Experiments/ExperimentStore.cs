using Gyre.Primitives;
using Gyre.Tracking.Rest;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Experiments, with MLflow's rules: a deleted one keeps its name, takes its runs with it and brings them back. What a
/// method acknowledged survives the death of the process. Thread-safe.
/// </summary>
public sealed class ExperimentStore(TrackingDatabase database, TimeProvider time)
{
    private const int MaxName = 500;
    private const int MaxTagKey = 250;
    private const int MaxTagValue = 5000;
    private const int MaxLocation = 2048;

    /// <summary>Makes an experiment.</summary>
    /// <param name="name">1 to 500 characters, not taken, not even by a deleted one.</param>
    /// <param name="artifactLocation">
    /// URI below which artifacts go; a local path is made absolute. The server's own root when null or empty.
    /// </param>
    /// <param name="tags">Its first tags.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="GyreException">A name, location or tag is not allowed, or the name is taken.</exception>
    public Task<long> CreateAsync(
        string name, string? artifactLocation, IReadOnlyCollection<KeyValuePair<string, string>> tags,
        CancellationToken cancellationToken = default)
    {
        CheckName(name);
        foreach (var (key, value) in tags) CheckTag(key, value);
        var location = string.IsNullOrEmpty(artifactLocation) ? null
            : ArtifactLocations.Normalize(artifactLocation, MaxLocation);
        return database.WriteAsync(
            connection => ExperimentRows.Insert(connection, name, location, tags, time.Milliseconds()),
            cancellationToken);
    }

    /// <summary>The experiment, deleted or not.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public Experiment Get(long id)
    {
        using var connection = database.OpenReader();
        return ExperimentRows.Find(connection, id)
            ?? throw GyreException.NotFound($"No Experiment with id={id} exists");
    }

    /// <summary>The experiment of that name, deleted or not.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public Experiment Get(string name)
    {
        using var connection = database.OpenReader();
        return ExperimentRows.Find(connection, name)
            ?? throw GyreException.NotFound($"Could not find experiment with name '{name}'");
    }

    /// <summary>A page of experiments.</summary>
    /// <exception cref="GyreException">The filter, the order or the token cannot be understood.</exception>
    internal Page<Experiment> Search(ExperimentSearchQuery query)
    {
        using var connection = database.OpenReader();
        using var snapshot = connection.BeginRead();
        var page = ExperimentSearch.Search(connection, query);
        return new Page<Experiment>(ExperimentRows.Find(connection, page.Items), page.NextPageToken);
    }

    /// <summary>Renames an active experiment.</summary>
    /// <exception cref="GyreException">
    /// It does not exist or is deleted, or the name is taken or not allowed.
    /// </exception>
    public Task RenameAsync(long id, string name, CancellationToken cancellationToken = default)
    {
        CheckName(name);
        return database.WriteAsync(
            connection => ExperimentRows.Rename(connection, id, name, time.Milliseconds()), cancellationToken);
    }

    /// <summary>Marks an experiment and all its runs deleted.</summary>
    /// <exception cref="GyreException">It does not exist or is deleted already.</exception>
    public Task DeleteAsync(long id, CancellationToken cancellationToken = default) => database.WriteAsync(
        connection => ExperimentRows.SetDeleted(connection, id, deleted: true, time.Milliseconds()), cancellationToken);

    /// <summary>Brings an experiment back with all its runs, those deleted singly before included.</summary>
    /// <exception cref="GyreException">It does not exist or is not deleted.</exception>
    public Task RestoreAsync(long id, CancellationToken cancellationToken = default) => database.WriteAsync(
        connection => ExperimentRows.SetDeleted(connection, id, deleted: false, time.Milliseconds()),
        cancellationToken);

    /// <summary>Sets a tag of an active experiment.</summary>
    /// <exception cref="GyreException">It does not exist or is deleted, or the tag is not allowed.</exception>
    public Task SetTagAsync(long id, string key, string value, CancellationToken cancellationToken = default)
    {
        CheckTag(key, value);
        return database.WriteAsync(
            connection => ExperimentRows.SetTag(connection, id, key, value, time.Milliseconds()), cancellationToken);
    }

    /// <summary>Removes a tag of an active experiment.</summary>
    /// <exception cref="GyreException">
    /// The experiment or the tag does not exist, or the experiment is deleted.
    /// </exception>
    public Task DeleteTagAsync(long id, string key, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            connection => ExperimentRows.DeleteTag(connection, id, key, time.Milliseconds()), cancellationToken);

    private static void CheckName(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw GyreException.Invalid("Invalid experiment name: it is empty.");
        if (name.Length > MaxName)
        {
            throw GyreException.Invalid(
                $"Invalid experiment name: it has {name.Length} characters, at most {MaxName} are allowed.");
        }
    }

    private static void CheckTag(string key, string value)
    {
        if (key.Length > MaxTagKey)
            throw GyreException.Invalid($"The tag's key has {key.Length} characters; at most {MaxTagKey} are allowed.");
        if (value.Length > MaxTagValue)
        {
            throw GyreException.Invalid(
                $"The value of tag '{key}' has {value.Length} characters; at most {MaxTagValue} are allowed.");
        }
    }
}
