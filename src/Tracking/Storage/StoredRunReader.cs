using System.Data.Common;
using System.Globalization;

namespace Gyre.Tracking.Storage;

/// <summary>Reads runs with all that hangs on them, in a fixed number of queries for many.</summary>
internal static class StoredRunReader
{
    /// <summary>How many runs are read at once: what a page holds in memory while it is written.</summary>
    private const int Chunk = 200;

    private const string Columns = """
        r.run_uuid, r.experiment_id, r.name, r.user_id, r.status, r.start_time, r.end_time, r.artifact_uri,
        r.lifecycle_stage
        """;

    /// <summary>The run of that id, deleted or not, with the models that it read; null when there is none.</summary>
    public static StoredRun? Find(DbConnection connection, string id) =>
        Read(connection, [id], withModelInputs: true).FirstOrDefault();

    /// <summary>The run's row alone.</summary>
    public static StoredRun? FindRow(DbConnection connection, string id) =>
        connection.Query($"SELECT {Columns} FROM runs r WHERE r.run_uuid = $1", ReadRow, id).FirstOrDefault();

    /// <summary>
    /// The runs of those ids, in their order; those that are gone are left out. They are read by and by while the result
    /// is enumerated.
    /// </summary>
    public static IEnumerable<StoredRun> Read(
        DbConnection connection, IReadOnlyList<string> ids, bool withModelInputs = false)
    {
        for (var start = 0; start < ids.Count; start += Chunk)
        {
            var chunk = ids.Skip(start).Take(Chunk).ToArray();
            foreach (var run in ReadChunk(connection, chunk, withModelInputs)) yield return run;
        }
    }

    private static List<StoredRun> ReadChunk(DbConnection connection, string[] ids, bool withModelInputs)
    {
        var list = string.Join(',', Enumerable.Range(1, ids.Length).Select(
            number => "$" + number.ToString(CultureInfo.InvariantCulture)));
        // One snapshot for all the queries, so that a run's parts belong together.
        using var transaction = connection.BeginRead();
        var rows = connection.Query($"SELECT {Columns} FROM runs r WHERE r.run_uuid IN ({list})", ReadRow, ids)
            .ToDictionary(row => row.Id, StringComparer.Ordinal);
        var metrics = Lookup(
            $"SELECT run_uuid, key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid IN ({list}) ORDER BY key",
            reader => new MetricPoint(
                reader.GetString(1), reader.GetBoolean(5) ? double.NaN : reader.GetDouble(2), reader.Int64OrNull(3) ?? 0,
                reader.GetInt64(4)));
        var parameters = Pairs("params");
        var tags = Pairs("tags");
        var datasets = DatasetRows.Used(connection, list, ids);
        var inputs = withModelInputs
            ? Lookup($"{Edges("source_id, destination_id")} 'RUN_INPUT' AND source_id IN ({list}) ORDER BY destination_id",
                reader => reader.GetString(1))
            : null;
        var outputs = Lookup(
            $"{Edges("source_id, destination_id, step")} 'RUN_OUTPUT' AND source_id IN ({list}) ORDER BY step, destination_id",
            reader => new ModelOutput(reader.GetString(1), reader.GetInt64(2)));
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id] with
        {
            Metrics = [.. metrics[id]],
            Parameters = [.. parameters[id]],
            Tags = [.. tags[id]],
            Datasets = [.. datasets[id]],
            ModelInputs = inputs is null ? [] : [.. inputs[id]],
            ModelOutputs = [.. outputs[id]],
        })];

        ILookup<string, KeyValuePair<string, string>> Pairs(string table) => Lookup(
            $"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN ({list}) ORDER BY key",
            reader => KeyValuePair.Create(reader.GetString(1), reader.StringOrNull(2) ?? ""));

        ILookup<string, T> Lookup<T>(string sql, Func<DbDataReader, T> read) => connection.Query(
                sql, reader => (Run: reader.GetString(0), Item: read(reader)), ids)
            .ToLookup(row => row.Run, row => row.Item, StringComparer.Ordinal);
    }

    private static string Edges(string columns) => $"SELECT {columns} FROM inputs WHERE source_type =";

    private static StoredRun ReadRow(DbDataReader reader) => new(
        reader.GetString(0), reader.GetInt64(1), reader.StringOrNull(2), reader.StringOrNull(3), reader.StringOrNull(4),
        reader.Int64OrNull(5), reader.Int64OrNull(6), reader.StringOrNull(7), reader.StringOrNull(8));
}
