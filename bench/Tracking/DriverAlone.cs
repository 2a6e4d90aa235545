using System.Diagnostics;
using Gyre.Tracking;
using Microsoft.Data.Sqlite;

namespace Gyre.Bench.Tracking;

/// <summary>
/// The same rows into the same tables and indexes by the driver alone, in this process: prepared commands, one
/// transaction a batch, write-ahead log.
/// </summary>
internal static class DriverAlone
{
    /// <summary>Rows/s, into an empty store.</summary>
    public static double Run(string address, TimeSpan duration) => StoreAddress.Parse(address).File is { } file
        ? RunSqlite(file, duration)
        : PostgresDriverAlone.Run(address, duration);

    private static double RunSqlite(string file, TimeSpan duration)
    {
        TrackingDatabase.Open(file).Dispose(); // makes the tables
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
        Execute(connection, "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r', 0, 'active')");
        using var insert = Metrics(connection, "metrics", "ON CONFLICT DO NOTHING");
        using var latest = Metrics(connection, "latest_metrics",
            """
            ON CONFLICT (key, run_uuid) DO UPDATE
            SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value)
                > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
            """);
        var clock = Stopwatch.StartNew();
        var batch = 0;
        for (; clock.Elapsed < duration; batch++) Write(connection, insert, latest, batch);
        return batch * (double)MetricBodies.Points / clock.Elapsed.TotalSeconds;
    }

    private static void Write(SqliteConnection connection, SqliteCommand insert, SqliteCommand latest, int batch)
    {
        using var transaction = connection.BeginTransaction();
        (insert.Transaction, latest.Transaction) = (transaction, transaction);
        var rows = MetricBodies.Batch(batch).ToList();
        foreach (var row in rows) Bind(insert, row).ExecuteNonQuery();
        foreach (var row in rows.TakeLast(MetricBodies.Keys)) Bind(latest, row).ExecuteNonQuery();
        transaction.Commit();
    }

    private static SqliteCommand Metrics(SqliteConnection connection, string table, string conflict)
    {
        var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO {table} (key, value, timestamp, run_uuid, step, is_nan) VALUES ($k, $v, $t, 'r', $s, 0) {conflict}
            """;
        foreach (var name in new[] { "$k", "$v", "$t", "$s" }) command.Parameters.AddWithValue(name, "");
        return command;
    }

    private static SqliteCommand Bind(SqliteCommand command, (string Key, double Value, long Timestamp, long Step) row)
    {
        command.Parameters[0].Value = row.Key;
        command.Parameters[1].Value = row.Value;
        command.Parameters[2].Value = row.Timestamp;
        command.Parameters[3].Value = row.Step;
        return command;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
