using System.Diagnostics;
using System.Globalization;
using Gyre.Data;
using Gyre.DuckDb;

namespace Gyre.Bench;

/// <summary>
/// Reading a Parquet file to columns against the engine alone doing the same read: the same query, streamed through the
/// bare binding, every value read once and dropped. Beside it the two neighbours of that measure: the engine alone fetching
/// chunks without reading their values (the limit), and the engine keeping the rows in a table of its own. All alternate
/// in one run; ratios are of medians.
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
        List<double> fetched = [], read = [], kept = [], toColumns = [];
        var rows = 0;
        for (var round = -2; round < rounds; round++)
        {
            var times = new[]
            {
                Milliseconds(() => rows = Drain(connection, sql, readValues: false)),
                Milliseconds(() => rows = Drain(connection, sql, readValues: true)),
                Milliseconds(() => connection.Execute($"CREATE OR REPLACE TEMP TABLE kept AS {sql}")),
                Milliseconds(() => engine.Query(sql)),
            };
            if (round < 0) continue; // warming up
            foreach (var (list, time) in new[] { fetched, read, kept, toColumns }.Zip(times)) list.Add(time);
        }

        var ours = Median(toColumns);
        var ratio = ours / Median(read);
        Console.WriteLine(Invariant($"{rows} rows, {rounds} rounds; to columns {ours:0.0} ms"));
        Console.WriteLine(Invariant($"  DuckDB alone, every value read    {Median(read),7:0.0} ms, ratio {ratio:0.00} (bar {Bar:0.0})"));
        Console.WriteLine(Invariant($"  DuckDB alone, chunks only fetched {Median(fetched),7:0.0} ms, ratio {ours / Median(fetched):0.00}"));
        Console.WriteLine(Invariant($"  DuckDB into a table of its own    {Median(kept),7:0.0} ms, ratio {ours / Median(kept):0.00}"));
        return ratio <= Bar ? 0 : 1;
    }

    private static int Drain(DuckDbConnection connection, string sql, bool readValues)
    {
        var (rows, sum) = (0, 0UL);
        using var stream = connection.Stream(sql);
        while (stream.Next() is { } chunk)
        {
            using (chunk)
            {
                rows += chunk.RowCount;
                for (var i = 0; i < stream.Columns.Count; i++)
                    sum += readValues ? Sum(chunk.Vector(i), stream.Columns[i].Type) : chunk.Vector(i).Values<byte>()[0];
            }
        }

        return sum == ulong.MaxValue ? 0 : rows;
    }

    /// <summary>Reads the bytes of every value: 16 of a string, 8 of a timestamp or wide number, 4 of an integer.</summary>
    private static ulong Sum(DuckDbVector vector, DuckDbType type)
    {
        var sum = 0UL;
        switch (type)
        {
            case DuckDbType.Varchar:
                foreach (var text in vector.Values<UInt128>()) sum += (ulong)text ^ (ulong)(text >> 64);
                break;
            case DuckDbType.Integer:
                foreach (var value in vector.Values<uint>()) sum += value;
                break;
            case DuckDbType.SmallInt:
                foreach (var value in vector.Values<ushort>()) sum += value;
                break;
            default:
                foreach (var value in vector.Values<ulong>()) sum += value;
                break;
        }

        return sum;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
