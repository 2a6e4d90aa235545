using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>What a new model version is made of.</summary>
internal sealed record NewVersion(
    string Model, string Source, string? RunId, IReadOnlyDictionary<string, string> Tags, string? Description);

/// <summary>The tables <c>registered_models</c>, <c>model_versions</c> and <c>model_version_tags</c>.</summary>
internal static class VersionRows
{
    private const string Deleted = "Deleted_Internal";

    public static int Insert(DbConnection connection, NewVersion row, long now)
    {
        if (row.RunId is not null && connection.Scalar("SELECT 1 FROM runs WHERE run_uuid = $1", row.RunId) is null)
            throw GyreException.NotFound($"There is no run '{row.RunId}'.");
        connection.Execute(
            """
            INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES ($1, $2, $2)
            ON CONFLICT (workspace, name) DO UPDATE SET last_updated_time = excluded.last_updated_time
            """,
            row.Model, now);
        var version = Convert.ToInt32(connection.Scalar(
            """
            INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, current_stage, source,
                                        run_id, status, storage_location)
            SELECT $1, 1 + coalesce(max(version), 0), $2, $2, $3, 'None', $4, $5, 'READY', $4
            FROM model_versions WHERE workspace = 'default' AND name = $1
            RETURNING version
            """,
            row.Model, now, row.Description, row.Source, row.RunId), CultureInfo.InvariantCulture);
        foreach (var (key, value) in row.Tags) SetTag(connection, row.Model, version, key, value);
        return version;
    }

    public static void Require(DbConnection connection, string model, int version)
    {
        if (connection.Scalar(
                """
                SELECT 1 FROM model_versions
                WHERE workspace = 'default' AND name = $1 AND version = $2 AND current_stage <> $3
                """,
                model, version, Deleted) is null)
            throw GyreException.NotFound($"There is no version {version} of the model '{model}'.");
    }

    public static void SetTag(DbConnection connection, string model, int version, string key, string value)
    {
        Require(connection, model, version);
        connection.Execute(
            """
            INSERT INTO model_version_tags (key, value, name, version) VALUES ($1, $2, $3, $4)
            ON CONFLICT (workspace, key, name, version) DO UPDATE SET value = excluded.value
            """,
            key, value, model, version);
    }

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
            model, version, Deleted, now);
    }

    /// <summary>The versions that satisfy a condition over <c>model_versions v</c>, the highest number first.</summary>
    public static IReadOnlyList<ModelVersion> Read(
        DbConnection connection, ArtifactStore artifacts, string where, params ReadOnlySpan<object?> values) =>
        connection.Query(
            $"""
            SELECT v.name, v.version, v.creation_time, coalesce(v.storage_location, v.source), v.run_id, v.description,
              (SELECT {connection.JsonObject("t.key", "t.value")} FROM model_version_tags t
               WHERE t.workspace = v.workspace AND t.name = v.name AND t.version = v.version),
              (SELECT {connection.JsonArray("a.alias")} FROM registered_model_aliases a
               WHERE a.workspace = v.workspace AND a.name = v.name AND a.version = v.version)
            FROM model_versions v
            WHERE v.workspace = 'default' AND v.current_stage <> '{Deleted}' AND {where} ORDER BY v.name, v.version DESC
            """,
            reader => Map(reader, artifacts), values);

    public static IReadOnlyList<RegisteredModel> Models(DbConnection connection) => connection.Query(
        $"""
        SELECT m.name, m.creation_time,
          (SELECT max(v.version) FROM model_versions v
           WHERE v.workspace = m.workspace AND v.name = m.name AND v.current_stage <> '{Deleted}'),
          (SELECT {connection.JsonObject("a.alias", "a.version")} FROM registered_model_aliases a
           WHERE a.workspace = m.workspace AND a.name = m.name)
        FROM registered_models m WHERE m.workspace = 'default' ORDER BY m.name
        """,
        reader => new RegisteredModel(reader.GetString(0), reader.TimeOrNull(1),
            reader.IsDBNull(2) ? null : reader.GetInt32(2), Json.Numbers(reader.GetString(3))));

    private static ModelVersion Map(DbDataReader reader, ArtifactStore artifacts)
    {
        var source = reader.StringOrNull(3) ?? "";
        return new ModelVersion(reader.GetString(0), reader.GetInt32(1), reader.TimeOrNull(2) ?? DateTimeOffset.UnixEpoch,
            artifacts.FindFolder(source) ?? "", source, reader.StringOrNull(4), reader.StringOrNull(5),
            Json.Texts(reader.GetString(6)), [.. Json.List(reader.GetString(7)).Order(StringComparer.Ordinal)]);
    }
}
