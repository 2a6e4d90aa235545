using System.Collections.Immutable;
using System.Text.Json;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Reads runs with all that hangs on them, in a fixed number of queries.</summary>
internal static class RunReader
{
    private sealed record Row(
        string Id, long Experiment, string Name, RunStatus Status, DateTimeOffset Start, DateTimeOffset? End,
        string Uri);

    /// <summary>The runs that satisfy a condition over <c>runs r</c>, the latest start first.</summary>
    public static IReadOnlyList<Run> Read(DbConnection connection, string where, params ReadOnlySpan<object?> values)
    {
        // One snapshot for all the queries, so that a run's parts belong together.
        using var transaction = connection.BeginRead();
        var rows = connection.Query(
            $"""
            SELECT r.run_uuid, r.experiment_id, coalesce(r.name, ''), r.status, r.start_time, r.end_time, r.artifact_uri
            FROM runs r WHERE {where} ORDER BY r.start_time DESC, r.run_uuid DESC
            """,
            ReadRow, values);
        if (rows.Count == 0) return [];
        var ids = JsonSerializer.Serialize(rows.Select(row => row.Id));
        var metrics = Pairs(connection, "latest_metrics", "CASE WHEN is_nan THEN NULL ELSE value END", ids,
            reader => reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2));
        var parameters = Pairs(connection, "params", "value", ids, reader => reader.GetString(2));
        var tags = Pairs(connection, "tags", "coalesce(value, '')", ids, reader => reader.GetString(2));
        var datasets = DatasetRows.ByRun(connection, ids);
        return [.. rows.Select(row => new Run(row.Id, row.Experiment, row.Name, row.Status, row.Start, row.End, row.Uri,
            metrics[row.Id].ToImmutableSortedDictionary(StringComparer.Ordinal),
            parameters[row.Id].ToImmutableSortedDictionary(StringComparer.Ordinal),
            tags[row.Id].ToImmutableSortedDictionary(StringComparer.Ordinal),
            [.. datasets[row.Id]]))];
    }

    public static List<Metric> History(DbConnection connection, string runId, string key) => connection.Query(
        """
        SELECT key, CASE WHEN is_nan THEN NULL ELSE value END, step, timestamp FROM metrics
        WHERE run_uuid = $1 AND key = $2 ORDER BY timestamp, step, value
        """,
        reader => new Metric(reader.GetString(0), reader.IsDBNull(1) ? double.NaN : reader.GetDouble(1),
            reader.GetInt64(2), reader.TimeOrNull(3)),
        runId, key);

    private static Row ReadRow(DbDataReader reader) => new(
        reader.GetString(0), reader.GetInt64(1), reader.GetString(2),
        Enum.Parse<RunStatus>(reader.StringOrNull(3) ?? nameof(RunStatus.Running), ignoreCase: true),
        reader.TimeOrNull(4) ?? DateTimeOffset.UnixEpoch, reader.TimeOrNull(5), reader.StringOrNull(6) ?? "");

    private static ILookup<string, KeyValuePair<string, T>> Pairs<T>(
        DbConnection connection, string table, string value, string ids, Func<DbDataReader, T> read) =>
        connection.Query(
                $"SELECT run_uuid, key, {value} FROM {table} WHERE run_uuid IN {connection.TextsOf("$1")}",
                reader => (Run: reader.GetString(0), Pair: KeyValuePair.Create(reader.GetString(1), read(reader))), ids)
            .ToLookup(row => row.Run, row => row.Pair, StringComparer.Ordinal);
}
