using System.Diagnostics;
using System.Globalization;
using Gyre.Data;
using Gyre.DuckDb;

namespace Gyre.Bench;

/// <summary>
/// Reading a Parquet file to columns against the engine alone doing the same read: the same query, streamed through the
/// bare binding, each vector looked at and dropped. Both alternate in one run; the ratio is of the medians.
/// </summary>
internal static class ReadBenchmark
{
    private const double Bar = 1.3;

    /// <summary>`read [FILE] [ROUNDS]`; ends with 1 when the ratio is above the bar.</summary>
    public static int Run(string[] args)
    {
        var path = Path.GetFullPath(args.Length > 0 ? args[0] : "../shared/data/flights_2001/flights_2001_q1.parquet");
        var rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 21;
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"{path}: no such file");
            return 2;
        }

        var sql = $"SELECT * FROM read_parquet('{path.Replace("'", "''", StringComparison.Ordinal)}')";
        using var engine = new SqlEngine();
        using var database = DuckDbDatabase.OpenInMemory(new Dictionary<string, string>
        {
            ["threads"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        });
        using var connection = database.Connect();
        List<double> alone = [], toColumns = [];
        var rows = 0;
        for (var round = -2; round < rounds; round++)
        {
            var first = Milliseconds(() => rows = Drain(connection, sql));
            var second = Milliseconds(() => engine.Query(sql));
            if (round < 0) continue; // warming up
            alone.Add(first);
            toColumns.Add(second);
        }

        var ratio = Median(toColumns) / Median(alone);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"read {rows} rows, {rounds} rounds: DuckDB alone {Median(alone):0.0} ms, to columns {Median(toColumns):0.0} ms, ratio {ratio:0.00} (bar {Bar:0.0})"));
        return ratio <= Bar ? 0 : 1;
    }

    private static int Drain(DuckDbConnection connection, string sql)
    {
        var (rows, sum) = (0, 0L);
        using var stream = connection.Stream(sql);
        while (stream.Next() is { } chunk)
        {
            using (chunk)
            {
                rows += chunk.RowCount;
                for (var i = 0; i < stream.Columns.Count; i++) sum += chunk.Vector(i).Values<byte>()[0];
            }
        }

        return sum == long.MinValue ? 0 : rows;
    }

    private static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
