using System.Buffers;
using System.Buffers.Binary;
using System.Data;
using System.Data.Common;
using Npgsql;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Reads a metric's points from PostgreSQL as one value. Rows of their own come in packets of 8 KiB, each of which
/// wakes up to three threads here, and take the driver longer to split than the server to find: together half of a
/// history's time.
/// </summary>
/// <remarks>
/// The value is an array of circles, PostgreSQL's only type of three numbers: one call sends all three, where three
/// arrays take a tenth longer. Its numbers are doubles, which hold whole numbers below 2^53 exactly; a history with
/// greater ones is not read this way.
/// </remarks>
internal static class PackedPoints
{
    private const string Sql = """
        SELECT array_agg(circle(point(timestamp, step), CASE WHEN is_nan THEN 'NaN' ELSE value END))
        FROM (SELECT timestamp, step, value, is_nan FROM metrics WHERE run_uuid = $1 AND key = $2 LIMIT $3) m
        """;

    private const double Exact = 1L << 53;

    /// <summary>Dimensions, whether there are nulls, the type; of the one dimension length and lower bound.</summary>
    private const int HeaderLength = 5 * sizeof(int);

    /// <summary>The length, then three doubles; all numbers begin with their greatest byte.</summary>
    private const int PointLength = sizeof(int) + (3 * sizeof(double));

    private const int PointsAtOnce = 2048;

    /// <summary>Gives each point to <paramref name="add"/>, in no order.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="runId">The run.</param>
    /// <param name="key">The metric.</param>
    /// <param name="most">With more than this, none is given.</param>
    /// <param name="add">Takes a point.</param>
    /// <returns>
    /// How many there are, beyond <paramref name="most"/> one more than it; null where they cannot be read this way,
    /// after some points were given.
    /// </returns>
    public static int? Read(
        NpgsqlConnection connection, string runId, string key, int most, Action<HistoryPoint> add)
    {
        using var command = connection.Command(Sql, runId, key, most + 1L);
        using var reader = command.ExecuteReader(CommandBehavior.SequentialAccess);
        if (!reader.Read() || reader.IsDBNull(0)) return 0;
        using var value = reader.GetStream(0);
        var buffer = ArrayPool<byte>.Shared.Rent(PointsAtOnce * PointLength);
        try
        {
            value.ReadExactly(buffer, 0, HeaderLength);
            var count = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(3 * sizeof(int)));
            return count > most || Read(value, count, buffer, add) ? count : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>False at a number that may have been rounded.</summary>
    private static bool Read(Stream value, int count, byte[] buffer, Action<HistoryPoint> add)
    {
        while (count > 0)
        {
            var points = buffer.AsSpan(0, Math.Min(count, PointsAtOnce) * PointLength);
            value.ReadExactly(points);
            for (; points.Length > 0; points = points[PointLength..], count--)
            {
                var timestamp = BinaryPrimitives.ReadDoubleBigEndian(points[sizeof(int)..]);
                var step = BinaryPrimitives.ReadDoubleBigEndian(points[(sizeof(int) + sizeof(double))..]);
                if (Math.Abs(timestamp) >= Exact || Math.Abs(step) >= Exact) return false;
                add(new HistoryPoint(
                    (long)timestamp, (long)step,
                    BinaryPrimitives.ReadDoubleBigEndian(points[(sizeof(int) + (2 * sizeof(double)))..])));
            }
        }

        return true;
    }
}
