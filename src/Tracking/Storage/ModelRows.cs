using System.Data.Common;
using Gyre.Primitives;

namespace Gyre.Tracking.Storage;

/// <summary>The tables <c>registered_models</c> and <c>registered_model_tags</c>.</summary>
internal static class ModelRows
{
    /// <summary>How many models are named in one statement.</summary>
    private const int Chunk = 500;

    /// <summary>The tag that makes a prompt of a model.</summary>
    private const string PromptTag = "mlflow.prompt.is_prompt";

    /// <summary>Inserts a model; false when the name is taken.</summary>
    public static bool TryInsert(
        DbConnection connection, string name, string? description, IEnumerable<KeyValuePair<string, string>> tags,
        long now)
    {
        var inserted = connection.Execute(
            """
            INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES ($1, $2, $2, $3)
            ON CONFLICT (workspace, name) DO NOTHING
            """,
            name, now, description);
        if (inserted == 0) return false;
        foreach (var (key, value) in tags) PutTag(connection, name, key, value);
        return true;
    }

    public static bool IsPrompt(IEnumerable<KeyValuePair<string, string>> tags) => tags.Any(
        tag => tag.Key == PromptTag && tag.Value.Equals("true", StringComparison.OrdinalIgnoreCase));

    public static bool IsPrompt(DbConnection connection, string name) => connection.Scalar(
        "SELECT value FROM registered_model_tags WHERE workspace = 'default' AND name = $1 AND key = $2",
        name, PromptTag) is string value && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="GyreException">There is no such model.</exception>
    public static void Require(DbConnection connection, string name)
    {
        if (!Exists(connection, name)) throw NotFound(name);
    }

    public static bool Exists(DbConnection connection, string name) => connection.Scalar(
        "SELECT 1 FROM registered_models WHERE workspace = 'default' AND name = $1", name) is not null;

    public static GyreException NotFound(string name) =>
        GyreException.NotFound($"Registered Model with name={name} not found");

    /// <summary>Sets when the model was last changed.</summary>
    /// <exception cref="GyreException">There is no such model.</exception>
    public static void Touch(DbConnection connection, string name, long now)
    {
        if (connection.Execute(
                "UPDATE registered_models SET last_updated_time = $2 WHERE workspace = 'default' AND name = $1",
                name, now) == 0)
            throw NotFound(name);
    }

    public static void Describe(DbConnection connection, string name, string description, long now)
    {
        Touch(connection, name, now);
        connection.Execute("UPDATE registered_models SET description = $2 WHERE workspace = 'default' AND name = $1",
            name, description);
    }

    /// <summary>Renames a model; versions, tags and aliases follow by their foreign keys.</summary>
    public static void Rename(DbConnection connection, string name, string to, long now)
    {
        Touch(connection, name, now);
        connection.Execute(
            "UPDATE registered_models SET name = $2 WHERE workspace = 'default' AND name = $1", name, to);
        connection.Execute(
            "UPDATE model_versions SET last_updated_time = $2 WHERE workspace = 'default' AND name = $1", to, now);
    }

    /// <summary>Deletes a model with its versions and tags; its aliases must be gone already.</summary>
    public static void Delete(DbConnection connection, string name)
    {
        connection.Execute("DELETE FROM model_version_tags WHERE workspace = 'default' AND name = $1", name);
        connection.Execute("DELETE FROM model_versions WHERE workspace = 'default' AND name = $1", name);
        connection.Execute("DELETE FROM registered_model_tags WHERE workspace = 'default' AND name = $1", name);
        if (connection.Execute("DELETE FROM registered_models WHERE workspace = 'default' AND name = $1", name) == 0)
            throw NotFound(name);
    }

    public static void SetTag(DbConnection connection, string name, string key, string value)
    {
        Require(connection, name);
        PutTag(connection, name, key, value);
    }

    /// <summary>Removes a tag; one that is not there is no failure.</summary>
    public static void DeleteTag(DbConnection connection, string name, string key)
    {
        Require(connection, name);
        connection.Execute(
            "DELETE FROM registered_model_tags WHERE workspace = 'default' AND name = $1 AND key = $2", name, key);
    }

    /// <summary>All names, in order.</summary>
    public static List<string> Names(DbConnection connection) => connection.Query(
        "SELECT name FROM registered_models WHERE workspace = 'default' ORDER BY name", reader => reader.GetString(0));

    /// <summary>The models of these names with all that hangs on them, in the same order.</summary>
    public static IEnumerable<ModelRecord> Read(DbConnection connection, IEnumerable<string> names)
    {
        foreach (var chunk in names.Chunk(Chunk))
        {
            var found = ReadChunk(connection, chunk);
            foreach (var name in chunk)
            {
                if (found.TryGetValue(name, out var model)) yield return model;
            }
        }
    }

    private static Dictionary<string, ModelRecord> ReadChunk(DbConnection connection, string[] names)
    {
        object?[] values = [.. names];
        var where = "workspace = 'default' AND name IN ("
            + string.Join(", ", Enumerable.Range(1, names.Length).Select(i => $"${i}")) + ")";
        var tags = connection.Query(
            $"SELECT name, key, coalesce(value, '') FROM registered_model_tags WHERE {where} ORDER BY key",
            reader => (Name: reader.GetString(0), Pair: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
            values).ToLookup(tag => tag.Name, tag => tag.Pair);
        var aliases = connection.Query(
            $"SELECT name, alias, version FROM registered_model_aliases WHERE {where} ORDER BY alias",
            reader => (Name: reader.GetString(0), Pair: KeyValuePair.Create(reader.GetString(1), reader.GetInt32(2))),
            values).ToLookup(alias => alias.Name, alias => alias.Pair);
        var latest = VersionRows.Read(connection, connection.Query(
                $"""
                SELECT name, max(version) FROM model_versions
                WHERE {where} AND coalesce(current_stage, '') <> 'Deleted_Internal'
                GROUP BY name, current_stage ORDER BY name, min(version)
                """,
                reader => (reader.GetString(0), reader.GetInt32(1)), values))
            .ToLookup(version => version.Name);
        return connection.Query(
            $"SELECT name, creation_time, last_updated_time, description FROM registered_models WHERE {where}",
            reader => new ModelRecord(
                reader.GetString(0), reader.Int64OrNull(1), reader.Int64OrNull(2), reader.StringOrNull(3)),
            values).ToDictionary(model => model.Name, model => model with
            {
                Tags = [.. tags[model.Name]],
                Aliases = [.. aliases[model.Name]],
                Latest = [.. latest[model.Name]],
            });
    }

    private static void PutTag(DbConnection connection, string name, string key, string value) => connection.Execute(
        """
        INSERT INTO registered_model_tags (key, value, name) VALUES ($1, $2, $3)
        ON CONFLICT (workspace, key, name) DO UPDATE SET value = excluded.value
        """,
        key, value, name);
}
