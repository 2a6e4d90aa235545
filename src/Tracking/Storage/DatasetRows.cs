using System.Data.Common;
using Gyre.Tracking.Search;

namespace Gyre.Tracking.Storage;

/// <summary>The tables <c>datasets</c>, <c>inputs</c> and <c>input_tags</c>.</summary>
internal static class DatasetRows
{
    private const string ContextTag = "mlflow.data.context";

    public static void Link(
        DbConnection connection, string runId, DatasetInput input, string newDatasetId, string newInputId)
    {
        RunLog.RequireActive(connection, runId);
        var use = new DatasetInputRecord(
            input.Name, input.Digest, input.SourceType, input.Source, input.Schema, input.Profile);
        if (input.Context is not null) use.Tags.Add(KeyValuePair.Create(ContextTag, input.Context));
        Link(connection, runId, use, newDatasetId, newInputId);
    }

    /// <summary>Records that a run used a dataset; the same one again changes nothing, not even its tags.</summary>
    public static void Link(
        DbConnection connection, string runId, DatasetInputRecord dataset, string newDatasetId, string newInputId)
    {
        var experiment = connection.Scalar("SELECT experiment_id FROM runs WHERE run_uuid = $1", runId);
        connection.Execute(
            """
            INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source,
                                  dataset_schema, dataset_profile)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
            """,
            newDatasetId, experiment, dataset.Name, dataset.Digest, dataset.SourceType, dataset.Source, dataset.Schema,
            dataset.Profile);
        var datasetId = connection.Scalar(
            "SELECT dataset_uuid FROM datasets WHERE experiment_id = $1 AND name = $2 AND digest = $3",
            experiment, dataset.Name, dataset.Digest);
        var added = connection.Execute(
            """
            INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
            VALUES ($1, 'DATASET', $2, 'RUN', $3) ON CONFLICT DO NOTHING
            """,
            newInputId, datasetId, runId);
        if (added == 0) return;
        foreach (var (name, value) in dataset.Tags)
        {
            connection.Execute(
                """
                INSERT INTO input_tags (input_uuid, name, value) VALUES ($1, $2, $3)
                ON CONFLICT (input_uuid, name) DO UPDATE SET value = excluded.value
                """,
                newInputId, name, value);
        }
    }

    /// <summary>The datasets of experiments with what they were used for, at most <paramref name="limit"/>.</summary>
    public static List<DatasetSummary> Summaries(DbConnection connection, IReadOnlyList<long> experiments, int limit) =>
        connection.Query(
            $"""
            SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value
            FROM datasets d JOIN inputs i ON i.source_type = 'DATASET' AND i.source_id = d.dataset_uuid
            LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = '{ContextTag}'
            WHERE d.experiment_id IN ({string.Join(',', experiments)})
            ORDER BY d.experiment_id, d.name, d.digest, t.value LIMIT {limit}
            """,
            reader => new DatasetSummary(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.StringOrNull(3)));

    public static ILookup<string, DatasetInput> ByRun(DbConnection connection, string runIds) => connection.Query(
        $"""
        SELECT i.destination_id, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema,
               d.dataset_profile, t.value
        FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
        LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = '{ContextTag}'
        WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN'
          AND i.destination_id IN {connection.TextsOf("$1")}
        ORDER BY d.name, d.digest
        """,
        reader => (Run: reader.GetString(0), Input: new DatasetInput(
            reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.StringOrNull(5),
            reader.StringOrNull(6), reader.StringOrNull(7))),
        runIds).ToLookup(row => row.Run, row => row.Input, StringComparer.Ordinal);
}
