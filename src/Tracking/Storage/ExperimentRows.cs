using System.Data.Common;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking.Storage;

/// <summary>The tables <c>experiments</c> and <c>experiment_tags</c>.</summary>
internal static class ExperimentRows
{
    private const string Select = """
        SELECT experiment_id, name, artifact_location, creation_time, last_update_time, lifecycle_stage FROM experiments
        """;

    public static Experiment GetOrCreate(DbConnection connection, string name, long now)
    {
        if (Find(connection, name) is { } known)
        {
            return known.IsDeleted
                ? throw new GyreException(ErrorCode.Conflict, $"The experiment '{name}' is deleted.")
                : known;
        }

        return Find(connection, Insert(connection, name, null, [], now))!; // just written
    }

    /// <summary>Inserts an experiment and returns its number.</summary>
    public static long Insert(
        DbConnection connection, string name, string? location,
        IReadOnlyCollection<KeyValuePair<string, string>> tags, long now)
    {
        RequireFree(connection, name);
        var id = Convert.ToInt64(connection.Scalar(
            """
            INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time, workspace)
            VALUES ($1, 'active', $2, $2, 'default') RETURNING experiment_id
            """,
            name, now), CultureInfo.InvariantCulture);
        connection.Execute("UPDATE experiments SET artifact_location = $2 WHERE experiment_id = $1",
            id, location ?? SchemaCreator.DefaultArtifactRoot + id.ToString(CultureInfo.InvariantCulture));
        foreach (var (key, value) in tags) PutTag(connection, id, key, value);
        return id;
    }

    public static Experiment? Find(DbConnection connection, string name) =>
        WithTags(connection, connection.Query(Select + " WHERE name = $1 AND workspace = 'default'", Read, name))
            .FirstOrDefault();

    public static Experiment? Find(DbConnection connection, long id) =>
        WithTags(connection, connection.Query(Select + " WHERE experiment_id = $1", Read, id)).FirstOrDefault();

    /// <summary>Those of some numbers, in that order.</summary>
    public static List<Experiment> Find(DbConnection connection, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0) return [];
        var found = WithTags(
            connection, connection.Query($"{Select} WHERE experiment_id IN ({string.Join(',', ids)})", Read))
            .ToDictionary(experiment => experiment.Id);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    /// <summary>All that are not deleted, by number.</summary>
    public static List<Experiment> List(DbConnection connection) =>
        connection.Query(Select + " WHERE lifecycle_stage = 'active' ORDER BY experiment_id", Read);

    public static void Rename(DbConnection connection, long id, string name, long now)
    {
        var old = Require(connection, id);
        if (old.IsDeleted)
            throw new RestException(RestErrors.InvalidState, "Cannot rename a non-active experiment.");
        if (old.Name != name) RequireFree(connection, name);
        connection.Execute(
            "UPDATE experiments SET name = $2, last_update_time = $3 WHERE experiment_id = $1", id, name, now);
    }

    public static void SetDeleted(DbConnection connection, long id, bool deleted, long now)
    {
        if (Require(connection, id).IsDeleted == deleted)
        {
            throw GyreException.NotFound(
                $"No Experiment with id={id} that is {(deleted ? "active" : "deleted")} exists");
        }

        var stage = deleted ? "deleted" : "active";
        connection.Execute(
            "UPDATE experiments SET lifecycle_stage = $2, last_update_time = $3 WHERE experiment_id = $1",
            id, stage, now);
        connection.Execute(
            """
            UPDATE runs SET lifecycle_stage = $2, deleted_time = $3
            WHERE experiment_id = $1 AND lifecycle_stage <> $2
            """,
            id, stage, deleted ? now : null);
    }

    public static void SetTag(DbConnection connection, long id, string key, string value, long now)
    {
        RequireActive(connection, id);
        PutTag(connection, id, key, value);
        Touch(connection, id, now);
    }

    public static void DeleteTag(DbConnection connection, long id, string key, long now)
    {
        RequireActive(connection, id);
        if (connection.Execute("DELETE FROM experiment_tags WHERE experiment_id = $1 AND key = $2", id, key) == 0)
            throw GyreException.NotFound($"No tag with name: {key} in experiment with id {id}");
        Touch(connection, id, now);
    }

    /// <summary>Fills in the tags of several experiments by one query.</summary>
    public static List<Experiment> WithTags(DbConnection connection, List<Experiment> experiments)
    {
        if (experiments.Count == 0) return experiments;
        var ids = string.Join(',', experiments.Select(experiment => experiment.Id));
        var tags = connection.Query(
            $"SELECT experiment_id, key, value FROM experiment_tags WHERE experiment_id IN ({ids})",
            reader => (Id: reader.GetInt64(0), Key: reader.GetString(1), Value: reader.StringOrNull(2) ?? ""))
            .ToLookup(tag => tag.Id);
        return [.. experiments.Select(experiment => experiment with
        {
            Tags = new SortedDictionary<string, string>(
                tags[experiment.Id].ToDictionary(tag => tag.Key, tag => tag.Value), StringComparer.Ordinal),
        })];
    }

    public static Experiment Read(DbDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.StringOrNull(2) ?? "", reader.TimeOrNull(3),
        reader.TimeOrNull(4), reader.StringOrNull(5) == "deleted");

    private static Experiment Require(DbConnection connection, long id) =>
        connection.Query(Select + " WHERE experiment_id = $1", Read, id).FirstOrDefault()
        ?? throw GyreException.NotFound($"No Experiment with id={id} exists");

    private static void RequireActive(DbConnection connection, long id)
    {
        if (Require(connection, id).IsDeleted)
        {
            throw GyreException.Invalid(
                $"The experiment {id} must be in the 'active' state. Current state is deleted.");
        }
    }

    private static void RequireFree(DbConnection connection, string name)
    {
        if (connection.Scalar("SELECT 1 FROM experiments WHERE name = $1 AND workspace = 'default'", name) is not null)
            throw new GyreException(ErrorCode.AlreadyExists, $"Experiment(name={name}) already exists.");
    }

    private static void PutTag(DbConnection connection, long id, string key, string value) => connection.Execute(
        """
        INSERT INTO experiment_tags (key, value, experiment_id) VALUES ($1, $2, $3)
        ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value
        """,
        key, value, id);

    private static void Touch(DbConnection connection, long id, long now) =>
        connection.Execute("UPDATE experiments SET last_update_time = $2 WHERE experiment_id = $1", id, now);
}
