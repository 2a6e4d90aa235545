using System.Buffers;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>
/// A metric's points in the order of timestamp, step and value, held in pooled memory. They are read in the index's
/// order, by step, which nearly always is the same; if not, sorting them here takes half of what the databases' sorters
/// do. On SQLite the driver's reader would take longer for its checks than the library for the rows.
/// </summary>
internal sealed class HeldHistory : IDisposable
{
    private const string SqliteSql =
        "SELECT timestamp, step, value, is_nan FROM metrics WHERE run_uuid = ? AND key = ?";

    // Each column less is a tenth of the time.
    private const string PostgresSql = """
        SELECT timestamp, step, CASE WHEN is_nan THEN 'NaN' ELSE value END FROM metrics
        WHERE run_uuid = $1 AND key = $2 LIMIT $3
        """;

    private const int Start = 1024;

    // Not the shared pool: it keeps arrays for each thread, of which many serve requests.
    private static readonly ArrayPool<HistoryPoint> Pool = ArrayPool<HistoryPoint>.Create(1 << 16, 4);

    private HistoryPoint[] _points = Pool.Rent(Start);
    private int _count;
    private bool _sorted = true;

    private HeldHistory()
    {
    }

    /// <summary>Reads the points; null when there are more than <paramref name="most"/>.</summary>
    public static HeldHistory? TryRead(DbConnection connection, string runId, string key, int most)
    {
        var history = new HeldHistory();
        try
        {
            var whole = connection is SqliteConnection sqlite
                ? history.Fill(sqlite, runId, key, most)
                : history.Fill((NpgsqlConnection)connection, runId, key, most);
            if (whole)
            {
                if (!history._sorted) history._points.AsSpan(0, history._count).Sort();
                return history;
            }
        }
        catch
        {
            history.Dispose();
            throw;
        }

        history.Dispose();
        return null;
    }

    public ReadOnlyMemory<HistoryPoint> Points => _points.AsMemory(0, _count);

    public void Dispose()
    {
        if (_points.Length > 0) Pool.Return(_points);
        (_points, _count) = ([], 0);
    }

    private bool Fill(SqliteConnection connection, string runId, string key, int most)
    {
        Check(sqlite3_prepare_v2(connection.Handle, SqliteSql, out var statement), connection);
        using (statement)
        {
            Check(sqlite3_bind_text(statement, 1, runId), connection);
            Check(sqlite3_bind_text(statement, 2, key), connection);
            while (true)
            {
                var result = sqlite3_step(statement);
                if (result == SQLITE_DONE) return true;
                if (result != SQLITE_ROW) Check(result, connection);
                if (_count == most) return false;
                Add(new HistoryPoint(
                    sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1),
                    sqlite3_column_int(statement, 3) != 0 ? double.NaN : sqlite3_column_double(statement, 2)));
            }
        }
    }

    private bool Fill(NpgsqlConnection connection, string runId, string key, int most)
    {
        if (PackedPoints.Read(connection, runId, key, most, Add) is { } count) return count <= most;
        (_count, _sorted) = (0, true);
        return FillByRow(connection, runId, key, most);
    }

    private bool FillByRow(NpgsqlConnection connection, string runId, string key, int most)
    {
        using var command = connection.Command(PostgresSql, runId, key, most + 1L);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (_count == most) return false;
            Add(new HistoryPoint(reader.GetInt64(0), reader.GetInt64(1), reader.GetDouble(2)));
        }

        return true;
    }

    private void Add(HistoryPoint point)
    {
        if (_count == _points.Length) Grow();
        if (_count > 0 && _points[_count - 1].CompareTo(point) > 0) _sorted = false;
        _points[_count++] = point;
    }

    private void Grow()
    {
        var larger = Pool.Rent(2 * _points.Length);
        _points.CopyTo(larger, 0);
        Pool.Return(_points);
        _points = larger;
    }

    private static void Check(int result, SqliteConnection connection) =>
        SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
