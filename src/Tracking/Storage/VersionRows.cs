using System.Data.Common;
using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Tracking.Storage;

/// <summary>What a new model version is made of.</summary>
internal sealed record NewVersion(
    string Model,
    string Source,
    string? RunId,
    IReadOnlyCollection<KeyValuePair<string, string>> Tags,
    string? Description,
    string? RunLink = null,
    string? Location = null);

/// <summary>The tables <c>model_versions</c> and <c>model_version_tags</c>. Deleted versions are never read.</summary>
internal static class VersionRows
{
    /// <summary>How many versions are named in one statement.</summary>
    private const int Chunk = 500;

    private const string Select = """
        SELECT name, version, creation_time, last_updated_time, user_id, current_stage, description, source,
               storage_location, run_id, run_link, status, status_message FROM
        """;

    private const string Active = "workspace = 'default' AND coalesce(current_stage, '') <> 'Deleted_Internal'";

    /// <summary>Inserts a version of a model that exists, and returns its number: one more than any before.</summary>
    public static int Insert(DbConnection connection, NewVersion row, long now)
    {
        // Also keeps others from numbering versions of this model until the commit.
        ModelRows.Touch(connection, row.Model, now);
        var version = Convert.ToInt32(connection.Scalar(
            """
            INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, current_stage,
                                        source, run_id, run_link, status, storage_location)
            SELECT $1, 1 + coalesce(max(version), 0), $2, $2, $3, 'None', $4, $5, $6, 'READY', $7
            FROM model_versions WHERE workspace = 'default' AND name = $1
            RETURNING version
            """,
            row.Model, now, row.Description, row.Source, row.RunId, row.RunLink, row.Location ?? row.Source),
            CultureInfo.InvariantCulture);
        foreach (var (key, value) in row.Tags) PutTag(connection, row.Model, version, key, value);
        return version;
    }

    /// <exception cref="GyreException">There is no such version, or it is deleted.</exception>
    public static void Require(DbConnection connection, string model, int version)
    {
        if (connection.Scalar(
                $"SELECT 1 FROM model_versions WHERE name = $1 AND version = $2 AND {Active}", model, version) is null)
            throw NotFound(model, version);
    }

    public static GyreException NotFound(string model, int version) => GyreException.NotFound(
        $"Model Version (name={model}, version={version.ToString(CultureInfo.InvariantCulture)}) not found");

    public static void SetTag(DbConnection connection, string model, int version, string key, string value)
    {
        Require(connection, model, version);
        PutTag(connection, model, version, key, value);
    }

    /// <summary>Removes a tag; one that is not there is no failure.</summary>
    public static void DeleteTag(DbConnection connection, string model, int version, string key)
    {
        Require(connection, model, version);
        connection.Execute(
            "DELETE FROM model_version_tags WHERE workspace = 'default' AND name = $1 AND version = $2 AND key = $3",
            model, version, key);
    }

    public static void Describe(DbConnection connection, string model, int version, string description, long now)
    {
        Require(connection, model, version);
        connection.Execute(
            """
            UPDATE model_versions SET description = $3, last_updated_time = $4
            WHERE workspace = 'default' AND name = $1 AND version = $2
            """,
            model, version, description, now);
    }

    /// <summary>Moves a version to a stage.</summary>
    public static void SetStage(
        DbConnection connection, string model, int version, string stage, bool archiveOthers, long now)
    {
        Require(connection, model, version);
        if (archiveOthers)
        {
            connection.Execute(
                """
                UPDATE model_versions SET current_stage = 'Archived', last_updated_time = $4
                WHERE workspace = 'default' AND name = $1 AND version <> $2 AND current_stage = $3
                """,
                model, version, stage, now);
        }

        connection.Execute(
            """
            UPDATE model_versions SET current_stage = $3, last_updated_time = $4
            WHERE workspace = 'default' AND name = $1 AND version = $2
            """,
            model, version, stage, now);
        ModelRows.Touch(connection, model, now);
    }

    /// <summary>
    /// Deletes a version as MLflow does: its row stays, redacted, so that the number is not used again.
    /// </summary>
    public static void Delete(DbConnection connection, string model, int version, long now)
    {
        Require(connection, model, version);
        connection.Execute(
            """
            UPDATE model_versions
            SET current_stage = $3, last_updated_time = $4, source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID',
                run_link = 'REDACTED-RUN-LINK', description = NULL, user_id = NULL, status_message = NULL
            WHERE workspace = 'default' AND name = $1 AND version = $2
            """,
            model, version, ModelStages.Deleted, now);
        ModelRows.Touch(connection, model, now);
    }

    /// <summary>The version with its tags and aliases, or null.</summary>
    public static VersionRecord? Find(DbConnection connection, string model, int version)
    {
        var found = Query(connection, "name = $1 AND version = $2", model, version);
        return WithAliases(connection, WithTags(connection, found)).FirstOrDefault();
    }

    /// <summary>The model's versions with tags and aliases, the highest number first.</summary>
    public static List<VersionRecord> Of(DbConnection connection, string model) =>
        WithAliases(connection, WithTags(connection, Query(connection, "name = $1", model)));

    /// <summary>The versions of these names and numbers with their tags, in the same order.</summary>
    public static IEnumerable<VersionRecord> Read(DbConnection connection, IEnumerable<(string Name, int Version)> keys)
    {
        foreach (var chunk in keys.Chunk(Chunk))
        {
            var (keyed, values) = Keyed("model_versions", chunk);
            var found = WithTags(connection, connection.Query($"{Select} {keyed} AND {Active}", Map, values))
                .ToDictionary(row => (row.Name, row.Version));
            foreach (var key in chunk)
            {
                if (found.TryGetValue(key, out var row)) yield return row;
            }
        }
    }

    public static List<VersionRecord> WithAliases(DbConnection connection, List<VersionRecord> versions) =>
        Fill(connection, versions, "registered_model_aliases", "alias", "''",
            (row, found) => row with { Aliases = [.. found.Select(alias => alias.Key)] });

    private static List<VersionRecord> WithTags(DbConnection connection, List<VersionRecord> versions) =>
        Fill(connection, versions, "model_version_tags", "key", "coalesce(value, '')",
            (row, found) => row with { Tags = [.. found] });

    private static List<VersionRecord> Fill(
        DbConnection connection, List<VersionRecord> versions, string table, string key, string value,
        Func<VersionRecord, IEnumerable<KeyValuePair<string, string>>, VersionRecord> with)
    {
        var filled = new List<VersionRecord>(versions.Count);
        foreach (var chunk in versions.Chunk(Chunk))
        {
            var (keyed, values) = Keyed(table, chunk.Select(row => (row.Name, row.Version)));
            var found = connection.Query(
                $"SELECT name, version, {key}, {value} FROM {keyed} AND workspace = 'default' ORDER BY {key}",
                reader => (Row: (reader.GetString(0), reader.GetInt32(1)),
                    Pair: KeyValuePair.Create(reader.GetString(2), reader.GetString(3))),
                values).ToLookup(item => item.Row, item => item.Pair);
            filled.AddRange(chunk.Select(row => with(row, found[(row.Name, row.Version)])));
        }

        return filled;
    }

    /// <summary>
    /// The rows of a table for these names and numbers, as what follows FROM. A join, because SQLite finds each by its
    /// key then; for <c>(name, version) IN (…)</c> it reads the whole table.
    /// </summary>
    private static (string From, object?[] Values) Keyed(string table, IEnumerable<(string Name, int Version)> keys)
    {
        var values = keys.SelectMany(key => new object?[] { key.Name, key.Version }).ToArray();
        var places = string.Join(", ", Enumerable.Range(0, values.Length / 2).Select(
            i => $"(${(2 * i) + 1}, ${(2 * i) + 2})"));
        return ($"""
            (VALUES {places}) AS wanted CROSS JOIN {table}
            WHERE name = wanted.column1 AND version = wanted.column2
            """, values);
    }

    private static List<VersionRecord> Query(
        DbConnection connection, string where, params ReadOnlySpan<object?> values) =>
        connection.Query(
            $"{Select} model_versions WHERE {Active} AND {where} ORDER BY name, version DESC", Map, values);

    private static void PutTag(DbConnection connection, string model, int version, string key, string value) =>
        connection.Execute(
            """
            INSERT INTO model_version_tags (key, value, name, version) VALUES ($1, $2, $3, $4)
            ON CONFLICT (workspace, key, name, version) DO UPDATE SET value = excluded.value
            """,
            key, value, model, version);

    private static VersionRecord Map(DbDataReader reader) => new(reader.GetString(0), reader.GetInt32(1))
    {
        CreatedAt = reader.Int64OrNull(2),
        UpdatedAt = reader.Int64OrNull(3),
        UserId = reader.StringOrNull(4),
        Stage = reader.StringOrNull(5),
        Description = reader.StringOrNull(6),
        Source = reader.StringOrNull(7),
        Location = reader.StringOrNull(8),
        RunId = reader.StringOrNull(9),
        RunLink = reader.StringOrNull(10),
        Status = reader.StringOrNull(11),
        StatusMessage = reader.StringOrNull(12),
    };
}
