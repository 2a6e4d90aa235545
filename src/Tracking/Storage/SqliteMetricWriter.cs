using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Inserts points of metrics on one connection by statements that stay prepared, values bound without boxes: the
/// driver's commands take as long to bind a row as SQLite takes to insert it. For one thread at a time.
/// </summary>
internal sealed class SqliteMetricWriter(SqliteConnection connection) : IDisposable
{
    private const string Insert = """
        INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """;

    private const string Upsert = """
        INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (key, run_uuid) DO UPDATE
        SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
        """;

    private readonly Dictionary<string, int> _latest = new(StringComparer.Ordinal);
    private sqlite3_stmt? _insert;
    private sqlite3_stmt? _upsert;

    public void Write(string runId, ReadOnlySpan<MetricPoint> points)
    {
        _insert ??= Prepare(Insert);
        _upsert ??= Prepare(Upsert);
        Check(sqlite3_bind_text(_insert, 4, runId));
        Check(sqlite3_bind_text(_upsert, 4, runId));
        _latest.Clear();
        for (var i = 0; i < points.Length; i++)
        {
            Run(_insert, points[i]);
            ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_latest, points[i].Key, out var known);
            if (!known || points[i].IsAfter(points[latest])) latest = i;
        }

        foreach (var index in _latest.Values) Run(_upsert, points[index]);
    }

    public void Dispose()
    {
        _insert?.Dispose();
        _upsert?.Dispose();
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(sqlite3_prepare_v3(connection.Handle, sql, SQLITE_PREPARE_PERSISTENT, out var statement));
        return statement;
    }

    private void Run(sqlite3_stmt statement, in MetricPoint point)
    {
        sqlite3_bind_text(statement, 1, point.Key);
        sqlite3_bind_double(statement, 2, point.Stored);
        sqlite3_bind_int64(statement, 3, point.Timestamp);
        sqlite3_bind_int64(statement, 5, point.Step);
        sqlite3_bind_int(statement, 6, point.IsNan ? 1 : 0);
        var result = sqlite3_step(statement);
        sqlite3_reset(statement);
        if (result != SQLITE_DONE) Check(result);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
