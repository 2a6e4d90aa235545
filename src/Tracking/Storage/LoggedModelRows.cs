using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking.Storage;

/// <summary>The tables <c>logged_models</c>, its params and tags, and reading its metrics.</summary>
internal static class LoggedModelRows
{
    /// <summary>How many models are named in one statement.</summary>
    private const int Chunk = 500;

    public static void Insert(DbConnection connection, LoggedModel model) => connection.Execute(
        """
        INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms,
                                   last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $9)
        """,
        model.Id, model.ExperimentId, model.Name, model.ArtifactUri, model.CreatedAt, model.UpdatedAt,
        (int)model.Status, model.ModelType, model.SourceRunId);

    /// <exception cref="GyreException">There is no such model, or it is deleted.</exception>
    public static void Require(DbConnection connection, string id)
    {
        if (connection.Scalar(
                "SELECT 1 FROM logged_models WHERE model_id = $1 AND lifecycle_stage <> 'deleted'", id) is null)
            throw NotFound(id);
    }

    public static GyreException NotFound(string id) =>
        GyreException.NotFound($"Logged model with ID '{id}' not found.");

    public static void SetStatus(DbConnection connection, string id, LoggedModelStatus status, long now) =>
        connection.Execute(
            "UPDATE logged_models SET status = $2, last_updated_timestamp_ms = $3 WHERE model_id = $1",
            id, (int)status, now);

    public static void Delete(DbConnection connection, string id, long now) => connection.Execute(
        "UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = $2 WHERE model_id = $1",
        id, now);

    public static string? Tag(DbConnection connection, string id, string key) => connection.Scalar(
        "SELECT tag_value FROM logged_model_tags WHERE model_id = $1 AND tag_key = $2", id, key) as string;

    public static void PutTag(DbConnection connection, string id, string key, string value) => connection.Execute(
        """
        INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value)
        SELECT model_id, experiment_id, $2, $3 FROM logged_models WHERE model_id = $1
        ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value
        """,
        id, key, value);

    /// <summary>Removes a tag; false when it is not there.</summary>
    public static bool DeleteTag(DbConnection connection, string id, string key) => connection.Execute(
        "DELETE FROM logged_model_tags WHERE model_id = $1 AND tag_key = $2", id, key) > 0;

    /// <exception cref="RestException">One is there already, even with the same value.</exception>
    public static void AddParams(
        DbConnection connection, string id, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        foreach (var (key, value) in parameters)
        {
            if (connection.Execute(
                    """
                    INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)
                    SELECT model_id, experiment_id, $2, $3 FROM logged_models WHERE model_id = $1
                    ON CONFLICT (model_id, param_key) DO NOTHING
                    """,
                    id, key, value) == 0)
                throw RestException.BadRequest($"The logged model '{id}' has a parameter '{key}' already.");
        }
    }

    public static LoggedModel? Find(DbConnection connection, string id, bool evenDeleted) =>
        Read(connection, [id], evenDeleted).FirstOrDefault();

    /// <summary>The models of these ids with all that hangs on them, in the same order.</summary>
    public static IEnumerable<LoggedModel> Read(
        DbConnection connection, IEnumerable<string> ids, bool evenDeleted = false)
    {
        foreach (var chunk in ids.Chunk(Chunk))
        {
            var found = ReadChunk(connection, chunk, evenDeleted);
            foreach (var id in chunk)
            {
                if (found.TryGetValue(id, out var model)) yield return model;
            }
        }
    }

    private static Dictionary<string, LoggedModel> ReadChunk(DbConnection connection, string[] ids, bool evenDeleted)
    {
        object?[] values = [.. ids];
        var where = $"model_id IN ({string.Join(", ", Enumerable.Range(1, ids.Length).Select(i => $"${i}"))})";
        var parameters = Pairs("logged_model_params", "param_key", "param_value");
        var tags = Pairs("logged_model_tags", "tag_key", "tag_value");
        var metrics = connection.Query(
            $"""
            SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, run_id, dataset_name,
                   dataset_digest
            FROM logged_model_metrics WHERE {where} ORDER BY metric_name, metric_timestamp_ms, metric_step, run_id
            """,
            reader => (Id: reader.GetString(0), Metric: new LoggedModelMetric(
                reader.GetString(1), reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2), reader.GetInt64(3),
                reader.GetInt64(4), reader.GetString(5), reader.StringOrNull(6), reader.StringOrNull(7))),
            values).ToLookup(row => row.Id, row => row.Metric);
        return connection.Query(
            $"""
            SELECT model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms,
                   status, status_message, model_type, source_run_id
            FROM logged_models WHERE {where}{(evenDeleted ? "" : " AND lifecycle_stage <> 'deleted'")}
            """,
            Map, values).ToDictionary(model => model.Id, model => model with
            {
                Params = [.. parameters[model.Id]],
                Tags = [.. tags[model.Id]],
                Metrics = [.. metrics[model.Id]],
            });

        ILookup<string, KeyValuePair<string, string>> Pairs(string table, string key, string value) => connection.Query(
            $"SELECT model_id, {key}, {value} FROM {table} WHERE {where} ORDER BY {key}",
            reader => (Id: reader.GetString(0), Pair: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
            values).ToLookup(row => row.Id, row => row.Pair);
    }

    private static LoggedModel Map(DbDataReader reader) =>
        new(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3))
        {
            CreatedAt = reader.GetInt64(4),
            UpdatedAt = reader.GetInt64(5),
            Status = (LoggedModelStatus)reader.GetInt32(6),
            StatusMessage = reader.StringOrNull(7),
            ModelType = reader.StringOrNull(8),
            SourceRunId = reader.StringOrNull(9),
        };
}
