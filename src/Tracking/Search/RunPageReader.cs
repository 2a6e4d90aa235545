using System.Data.Common;
using System.Text.Json;
using Gyre.Tracking.Storage;
using Npgsql;

namespace Gyre.Tracking.Search;

/// <summary>Reads a page of runs with all that hangs on them: one query a table, however many runs there are.</summary>
internal static class RunPageReader
{
    /// <summary>
    /// The runs of those ids, in their order, as they were at one moment; an id that is not there is left out. To be
    /// called outside of transactions.
    /// </summary>
    public static IReadOnlyList<RunRecord> Read(DbConnection connection, IReadOnlyList<string> ids)
    {
        if (ids.Count == 0) return [];
        var page = new PageQueries(connection, ids);
        var runs = new Dictionary<string, RunRecord>(ids.Count, StringComparer.Ordinal);
        page.Add(
            """
            SELECT run_uuid, name, experiment_id, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri
            FROM runs WHERE run_uuid
            """,
            "", reader => runs[reader.GetString(0)] = ReadRun(reader));
        ReadMetrics(page, runs);
        ReadPairs(page, "params", runs, run => run.Params);
        ReadPairs(page, "tags", runs, run => run.Tags);
        ReadDatasets(page, runs);
        ReadModels(page, runs);
        page.Run();
        foreach (var run in runs.Values)
        {
            run.Metrics.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            run.Params.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            run.Tags.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        }

        return [.. ids.Distinct().Where(runs.ContainsKey).Select(id => runs[id])];
    }

    private static RunRecord ReadRun(DbDataReader reader) => new(
        reader.GetString(0), reader.StringOrNull(1) ?? "", reader.GetInt64(2), reader.StringOrNull(3) ?? "",
        reader.StringOrNull(4) ?? "", reader.Int64OrNull(5), reader.Int64OrNull(6), reader.StringOrNull(7) ?? "",
        reader.StringOrNull(8) ?? "");

    private static void ReadMetrics(PageQueries page, Dictionary<string, RunRecord> runs)
    {
        var keys = new KeyTexts();
        page.Add(
            """
            SELECT run_uuid, key, CASE WHEN is_nan THEN NULL ELSE value END, timestamp, step
            FROM latest_metrics WHERE run_uuid
            """,
            "", reader =>
            {
                if (!runs.TryGetValue(reader.GetString(0), out var run)) return;
                var value = reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2);
                run.Metrics.Add(new MetricRecord(
                    keys.Intern(reader.GetString(1)), value, reader.Int64OrNull(3) ?? 0, reader.GetInt64(4)));
            });
    }

    private static void ReadPairs(
        PageQueries page, string table, Dictionary<string, RunRecord> runs,
        Func<RunRecord, List<KeyValuePair<string, string>>> list)
    {
        var keys = new KeyTexts();
        page.Add($"SELECT run_uuid, key, value FROM {table} WHERE run_uuid", "", reader =>
        {
            if (!runs.TryGetValue(reader.GetString(0), out var run)) return;
            list(run).Add(KeyValuePair.Create(keys.Intern(reader.GetString(1)), reader.StringOrNull(2) ?? ""));
        });
    }

    private static void ReadDatasets(PageQueries page, Dictionary<string, RunRecord> runs)
    {
        var inputs = new Dictionary<string, DatasetInputRecord>(StringComparer.Ordinal);
        page.Add(
            """
            SELECT i.destination_id, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source,
                   d.dataset_schema, d.dataset_profile, t.name, t.value
            FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid
            WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id
            """,
            " ORDER BY d.name, d.digest, i.input_uuid, t.name", reader =>
            {
                if (!runs.TryGetValue(reader.GetString(0), out var run)) return;
                var id = reader.GetString(1);
                if (!inputs.TryGetValue(id, out var input))
                {
                    input = new DatasetInputRecord(reader.GetString(2), reader.GetString(3), reader.GetString(4),
                        reader.GetString(5), reader.StringOrNull(6), reader.StringOrNull(7));
                    inputs.Add(id, input);
                    run.Datasets.Add(input);
                }

                if (!reader.IsDBNull(8)) input.Tags.Add(KeyValuePair.Create(reader.GetString(8), reader.GetString(9)));
            });
    }

    private static void ReadModels(PageQueries page, Dictionary<string, RunRecord> runs) =>
        page.Add(
            """
            SELECT source_id, source_type, destination_id, step FROM inputs
            WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT')
              AND destination_type IN ('MODEL_INPUT', 'MODEL_OUTPUT') AND source_id
            """,
            " ORDER BY step, destination_id", reader =>
            {
                if (!runs.TryGetValue(reader.GetString(0), out var run)) return;
                if (reader.GetString(1) == "RUN_INPUT") run.ModelInputs.Add(reader.GetString(2));
                else run.ModelOutputs.Add((reader.GetString(2), reader.GetInt64(3)));
            });

    /// <summary>
    /// Queries of one state whose one parameter is the page's ids; on PostgreSQL one round trip for all of them.
    /// </summary>
    private sealed class PageQueries(DbConnection connection, IReadOnlyList<string> ids)
    {
        private readonly List<(string Sql, Action<DbDataReader> Read)> _queries = [];

        public void Add(string selectWhereColumn, string order, Action<DbDataReader> read)
        {
            var list = connection is NpgsqlConnection ? "= ANY($1)" : "IN (SELECT value FROM json_each($1))";
            _queries.Add(($"{selectWhereColumn} {list}{order}", read));
        }

        public void Run()
        {
            if (connection is NpgsqlConnection postgres) RunTogether(postgres);
            else
            {
                var parameter = JsonSerializer.Serialize(ids);
                using var snapshot = connection.BeginRead();
                foreach (var (sql, read) in _queries)
                {
                    using var command = connection.Command(sql, parameter);
                    using var reader = command.ExecuteReader();
                    while (reader.Read()) read(reader);
                }
            }
        }

        // A batch is a transaction, and readers' see one state; to begin and end it would be two more round trips.
        private void RunTogether(NpgsqlConnection postgres)
        {
            var parameter = ids.ToArray();
            using var batch = new NpgsqlBatch(postgres);
            foreach (var (sql, _) in _queries)
                batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = parameter } } });
            using var reader = batch.ExecuteReader();
            foreach (var (_, read) in _queries)
            {
                while (reader.Read()) read(reader);
                reader.NextResult();
            }
        }
    }

    /// <summary>Keeps one instance of each key: a page holds the same few keys in every run.</summary>
    private sealed class KeyTexts
    {
        private readonly HashSet<string> _known = new(StringComparer.Ordinal);

        public string Intern(string key)
        {
            if (_known.TryGetValue(key, out var known)) return known;
            _known.Add(key);
            return key;
        }
    }
}
