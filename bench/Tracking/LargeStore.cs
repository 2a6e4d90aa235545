using Gyre.Tracking;
using Microsoft.Data.Sqlite;

namespace Gyre.Bench.Tracking;

/// <summary>A large database, made by SQL: over HTTP it would take a quarter of an hour.</summary>
internal static class LargeStore
{
    public const int Runs = 20_000;
    public const int Keys = 10;
    public const int LongHistory = 50_000;

    /// <summary>The run whose metric <c>long</c> has 50,000 points.</summary>
    public static readonly string LongRun = new string('0', 31) + "7";

    /// <summary>Fills a database run by run, as runs are logged.</summary>
    public static void Fill(string file, int points)
    {
        TrackingDatabase.Open(file).Dispose(); // makes the tables
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute(connection,
            $"""
            PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN;
            CREATE TEMP TABLE n AS WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {Runs - 1})
              SELECT i, printf('%032x', i) AS run FROM s;
            CREATE TEMP TABLE k AS WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {Keys - 1})
              SELECT i FROM s;
            INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
                              end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
              SELECT run, 'run-' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', 1700000000000 + i * 1000,
                     1700000000500 + i * 1000, '', 'active', 'mlflow-artifacts:/0/' || run || '/artifacts', 0 FROM n;
            INSERT INTO tags (key, value, run_uuid) SELECT 'mlflow.runName', 'run-' || i, run FROM n;
            INSERT INTO params (key, value, run_uuid)
              SELECT 'param_' || k.i, (n.i * 7 + k.i * 3) % 50, run FROM n CROSS JOIN k;
            INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
              SELECT 'metric_' || k.i, ((n.i * 2654435761 + k.i * 40503) % 100000) / 100000.0,
                     1700000000000, 100, 0, run FROM n CROSS JOIN k;
            INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
              SELECT 'long', i * 0.001, 1700000000000 + i, i, 0, printf('%032x', 7)
              FROM (WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {LongHistory - 1})
                    SELECT i FROM s);
            INSERT INTO latest_metrics SELECT 'long', value, timestamp, step, 0, run_uuid FROM metrics
              WHERE key = 'long' AND step = {LongHistory - 1};
            """);
        FillPoints(connection, points);
        Execute(connection, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>The indexes are taken away and made again by sorting, which is several times as fast.</summary>
    private static void FillPoints(SqliteConnection connection, int points)
    {
        var steps = points / (Runs * Keys);
        if (steps == 0) return;
        Execute(connection,
            $"""
            DROP INDEX index_metrics_run_uuid_key_step; DROP INDEX index_metrics_run_uuid;
            INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)
              SELECT 'metric_' || k.i, ((n.i * 2654435761 + k.i * 40503 + s.i) % 100000) / 100000.0,
                     1700000000000 + s.i, s.i, 0, run
              FROM k, (WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {steps})
                       SELECT i FROM s) s, n;
            CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step);
            CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
            """);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
