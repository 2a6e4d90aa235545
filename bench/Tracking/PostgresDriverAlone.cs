using System.Diagnostics;
using Gyre.Tracking;
using Npgsql;
using NpgsqlTypes;

namespace Gyre.Bench.Tracking;

/// <summary>
/// As <see cref="DriverAlone"/>, by Npgsql: a transaction a batch, the points by binary COPY, the latest of each key by
/// one prepared statement.
/// </summary>
internal static class PostgresDriverAlone
{
    private const string Copy =
        "COPY metrics (key, value, timestamp, step, is_nan, run_uuid) FROM STDIN (FORMAT binary)";

    private const string Latest = """
        INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
        SELECT *, false, 'r' FROM unnest($1::text[], $2::float8[], $3::bigint[], $4::bigint[])
        ON CONFLICT (key, run_uuid) DO UPDATE
        SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
        """;

    /// <summary>Rows/s.</summary>
    public static double Run(string address, TimeSpan duration)
    {
        TrackingDatabase.Open(StoreAddress.Parse(address)).Dispose(); // makes the tables
        using var connection = new NpgsqlConnection(BenchmarkStore.ConnectionString(address));
        connection.Open();
        Execute(connection, "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r', 0, 'active')");
        using var latest = new NpgsqlCommand(Latest, connection);
        for (var i = 0; i < 4; i++) latest.Parameters.Add(new NpgsqlParameter());
        var clock = Stopwatch.StartNew();
        var batch = 0;
        for (; clock.Elapsed < duration; batch++) Write(connection, latest, [.. MetricBodies.Batch(batch)]);
        return batch * (double)MetricBodies.Points / clock.Elapsed.TotalSeconds;
    }

    private static void Write(
        NpgsqlConnection connection, NpgsqlCommand latest,
        (string Key, double Value, long Timestamp, long Step)[] rows)
    {
        using var transaction = connection.BeginTransaction();
        using (var copy = connection.BeginBinaryImport(Copy))
        {
            foreach (var (key, value, timestamp, step) in rows)
            {
                copy.StartRow();
                copy.Write(key, NpgsqlDbType.Varchar);
                copy.Write(value, NpgsqlDbType.Double);
                copy.Write(timestamp, NpgsqlDbType.Bigint);
                copy.Write(step, NpgsqlDbType.Bigint);
                copy.Write(false, NpgsqlDbType.Boolean);
                copy.Write("r", NpgsqlDbType.Varchar);
            }

            copy.Complete();
        }

        var last = rows[^MetricBodies.Keys..];
        latest.Parameters[0].Value = Array.ConvertAll(last, row => row.Key);
        latest.Parameters[1].Value = Array.ConvertAll(last, row => row.Value);
        latest.Parameters[2].Value = Array.ConvertAll(last, row => row.Timestamp);
        latest.Parameters[3].Value = Array.ConvertAll(last, row => row.Step);
        if (!latest.IsPrepared) latest.Prepare();
        latest.ExecuteNonQuery();
        transaction.Commit();
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
