using Gyre.Tracking;
using Npgsql;

namespace Gyre.Bench.Tracking;

/// <summary><see cref="LargeStore"/> on PostgreSQL: the same rows, by the server itself.</summary>
internal static class LargePostgresStore
{
    /// <summary>Whether the database was filled before.</summary>
    public static bool IsFilled(string address)
    {
        TrackingDatabase.Open(StoreAddress.Parse(address)).Dispose(); // makes the tables
        using var connection = Open(address);
        using var command = new NpgsqlCommand("SELECT count(*) FROM runs", connection);
        return (long)command.ExecuteScalar()! >= LargeStore.Runs; // a count is never null
    }

    /// <summary>How large the database is, in bytes.</summary>
    public static long Size(string address)
    {
        using var connection = Open(address);
        using var command = new NpgsqlCommand("SELECT pg_database_size(current_database())", connection);
        return (long)command.ExecuteScalar()!; // a size is never null
    }

    /// <summary>Fills an empty database run by run, as runs are logged.</summary>
    public static void Fill(string address, int points)
    {
        TrackingDatabase.Open(StoreAddress.Parse(address)).Dispose(); // makes the tables
        using var connection = Open(address);
        using (var transaction = connection.BeginTransaction())
        {
            Execute(connection,
                $"""
                INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
                                  start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
                  SELECT {Run("i")}, 'run-' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED',
                         1700000000000 + i * 1000, 1700000000500 + i * 1000, '', 'active',
                         'mlflow-artifacts:/0/' || {Run("i")} || '/artifacts', 0
                  FROM generate_series(0::bigint, {LargeStore.Runs - 1}) i;
                INSERT INTO tags (key, value, run_uuid)
                  SELECT 'mlflow.runName', 'run-' || i, {Run("i")} FROM generate_series(0, {LargeStore.Runs - 1}) i;
                INSERT INTO params (key, value, run_uuid)
                  SELECT 'param_' || k, (i * 7 + k * 3) % 50, {Run("i")} FROM {RunsAndKeys};
                INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
                  SELECT 'metric_' || k, {Value("i * 2654435761 + k * 40503")}, 1700000000000, 100, false, {Run("i")}
                  FROM {RunsAndKeys};
                INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
                  SELECT 'long', i * 0.001::float8, 1700000000000 + i, i, false, '{LargeStore.LongRun}'
                  FROM generate_series(0::bigint, {LargeStore.LongHistory - 1}) i;
                INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
                  SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics
                  WHERE key = 'long' AND step = {LargeStore.LongHistory - 1};
                """);
            FillPoints(connection, points);
            transaction.Commit();
        }

        Execute(connection, "VACUUM ANALYZE"); // as the server would by itself before long
    }

    /// <summary>What is cheaper to make for all rows at once is taken away and made again.</summary>
    private static void FillPoints(NpgsqlConnection connection, int points)
    {
        var steps = points / (LargeStore.Runs * LargeStore.Keys);
        if (steps == 0) return;
        Execute(connection,
            $"""
            SET LOCAL maintenance_work_mem = '256MB';
            ALTER TABLE metrics DROP CONSTRAINT metrics_run_uuid_fkey;
            DROP INDEX index_metrics_run_uuid_key_step; DROP INDEX index_metrics_run_uuid;
            INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
              SELECT 'metric_' || k, {Value("i * 2654435761 + k * 40503 + s")}, 1700000000000 + s, s, false, {Run("i")}
              FROM generate_series(0, {LargeStore.Keys - 1}) k, generate_series(1, {steps}) s,
                   generate_series(0::bigint, {LargeStore.Runs - 1}) i;
            CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step);
            CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
            ALTER TABLE metrics ADD CONSTRAINT metrics_run_uuid_fkey FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid);
            """);
    }

    private static string RunsAndKeys =>
        $"generate_series(0::bigint, {LargeStore.Runs - 1}) i, generate_series(0, {LargeStore.Keys - 1}) k";

    private static string Run(string number) => $"lpad(to_hex({number}), 32, '0')";

    private static string Value(string number) => $"(({number}) % 100000)::float8 / 100000";

    private static NpgsqlConnection Open(string address)
    {
        var connection = new NpgsqlConnection(BenchmarkStore.ConnectionString(address));
        connection.Open();
        return connection;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
