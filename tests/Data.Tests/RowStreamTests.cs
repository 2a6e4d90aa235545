using System.Collections.Immutable;
using System.IO.Compression;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class RowStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2999)]
    [InlineData(4100)]
    public void Read_FromAnyRow_GivesEachRowOnceInUnitsOfOneSize(int skip)
    {
        var csv = Write("rows.csv", Enumerable.Range(0, 10_000).Select(i => $"{i},t{i % 7}").Prepend("n,t"));
        using var rows = Open([csv], new Schema([Whole("n")]), o => o with { UnitRows = 3000, StepRows = 1000, Keep = ["t"] });
        rows.SkipTo(skip);

        var units = All(rows);

        Assert.Equal(skip, units[0].FirstRow);
        Assert.All(units.SkipLast(1), unit => Assert.Equal(3000, unit.Inputs.RowCount));
        Assert.Equal(
            Enumerable.Range(skip, 10_000 - skip).Select(i => (i, $"t{i % 7}")),
            units.SelectMany(u => Enumerable.Range(0, u.Inputs.RowCount)
                .Select(i => ((int)(long)u.Inputs["n"].ValueAt(i)!, (string)u.Kept[0].ValueAt(i)!)))); // none is missing
        Assert.Equal(10_000L, rows.EstimateRows()!.Value, tolerance: 1);
    }

    [Fact]
    public void Read_LongTexts_CutsUnitsAtWholeSteps()
    {
        var csv = Write("rows.csv", Enumerable.Range(0, 5000).Select(i => $"{i},{new string('x', 100)}").Prepend("n,t"));
        using var rows = Open([csv], new Schema([Whole("n")]), o => o with { UnitRows = 3000, StepRows = 500, UnitBytes = 70_000, Keep = ["t"] });

        Assert.Equal([0L, 1000, 2000, 3000, 4000], All(rows).Select(u => u.FirstRow));
    }

    [Fact]
    public void Read_SeveralFilesAndALimit_StopsWithinTheSecond()
    {
        Write("a1.csv", ["n", "0", "1"]);
        using (var gzip = new StreamWriter(new GZipStream(File.Create(_folder.File("a2.csv.gz")), CompressionLevel.Fastest)))
            gzip.Write("n\n2\n3\n4\n");
        using var rows = Open([_folder.File("a*.csv*")], new Schema([Whole("n")]), o => o with { Limit = 4 });

        var unit = Assert.Single(All(rows));

        Assert.Equal([0L, 1L, 2L, 3L], Enumerable.Range(0, 4).Select(i => unit.Inputs["n"].ValueAt(i)));
        Assert.Equal(["a1.csv", "a2.csv.gz"], rows.Files.Select(f => Path.GetFileName(f.Path)));
    }

    [Fact]
    public void Read_ValuesThatDoNotFit_SaysWhyForEveryOneOfARow()
    {
        var csv = Write("rows.csv", ["x,n,flag,at", "1.5,2,true,2024-01-01", "warm,2.5,true,2024-01-01", "NA,,false,", ",3,perhaps,soon", "inf,4,true,2024-01-01"]);
        var schema = new Schema(
        [
            new ColumnDefinition("x", ColumnType.Numeric), Whole("n"), new ColumnDefinition("flag", ColumnType.Boolean),
            new ColumnDefinition("at", ColumnType.Timestamp),
        ]);
        using var rows = Open([csv], schema);

        var faults = Assert.Single(All(rows)).Faults;

        Assert.Equal(
        [
            null,
            "column 'x': 'warm' is not numeric; column 'n': '2.5' is not integer",
            "column 'n' has no value; in training every row had one",
            "column 'flag': 'perhaps' is not boolean; column 'at': 'soon' is not timestamp",
            "column 'x': 'inf' is not numeric",
        ], Enumerable.Range(0, 5).Select(faults.StringAt));
    }

    [Fact]
    public void Merge_OfKeptColumns_GivesThemBackAsTheyWere()
    {
        const string Select = """
            SELECT 7::TINYINT AS small, 340282366920938463463374607431768211455::UHUGEINT AS huge, 1.25::FLOAT AS half,
              12.34::DECIMAL(9,2) AS price, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 01:02:03.000004' AS at,
              TIMESTAMPTZ '2024-02-29 01:02:03+02' AS zoned, true AS flag, 'Zoë, "quoted"' AS text, '\x00\xFF'::BLOB AS bytes,
              [1, NULL, 3] AS list, {'a': 'it''s', 'b': [1.5]} AS pair, TIME '12:34:56' AS clock, NULL::INTEGER AS nothing
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5
            """;
        using var engine = new SqlEngine();
        var (source, part, merged) = (_folder.File("in.parquet"), _folder.File("part.parquet"), _folder.File("out.parquet"));
        engine.Execute($"COPY ({Select}) TO '{source}' (FORMAT parquet)");
        using var rows = Open([source], new Schema([]), o => o with { Keep = null });
        var unit = Assert.Single(All(rows));
        using var writer = new TableWriter([.. rows.Kept.Select((k, i) => new WrittenColumn($"k{i}", k.Type))]);
        writer.Append(unit.Kept);
        writer.WriteParquet(part, CancellationToken.None);
        ParquetParts.Merge(
            [part], [.. rows.Kept.Select((k, i) => MergedColumn.Of($"k{i}", k.Name, k.SqlType))], merged, SourceFormat.Parquet, rowBytes: 100, CancellationToken.None);

        var different = engine.Query($"""
            SELECT count(*) FROM ((FROM '{source}' EXCEPT ALL FROM '{merged}') UNION ALL (FROM '{merged}' EXCEPT ALL FROM '{source}'))
            """);
        Assert.Equal(0L, different.Columns[0].ValueAt(0));
        Assert.Equal(Describe(engine, source), Describe(engine, merged));
    }

    [Fact]
    public void Read_DamagedLine_NamesIt()
    {
        var csv = Write("rows.csv", ["n,t", "1,a", "2,b,c"]);
        using var rows = Open([csv], new Schema([Whole("n")]));

        var error = Assert.Throws<GyreException>(() => All(rows));

        Assert.Contains("line 3: 3 fields where the header has 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OptionalColumnAbsent_IsMissingInEveryRow()
    {
        var csv = Write("rows.csv", ["n", "1", "2"]);
        using var rows = Open([csv], new Schema([Whole("n"), Whole("rated")]), o => o with { Optional = ["rated"] });

        var unit = Assert.Single(All(rows));

        Assert.Equal(2, unit.Inputs["rated"].MissingCount);
        Assert.Equal(2, unit.Faults.MissingCount);
    }

    public void Dispose() => _folder.Dispose();

    private static ColumnDefinition Whole(string name) => new(name, ColumnType.Integer, Nullable: false);

    private static RowStream Open(
        ImmutableArray<string> paths, Schema schema, Func<RowStreamOptions, RowStreamOptions>? change = null)
    {
        var options = new RowStreamOptions(schema);
        return RowStream.Open(new SourceDefinition(paths), change?.Invoke(options) ?? options, CancellationToken.None);
    }

    private static List<RowUnit> All(RowStream rows)
    {
        var units = new List<RowUnit>();
        while (rows.Read(CancellationToken.None) is { } unit) units.Add(unit);
        return units;
    }

    private static string Describe(SqlEngine engine, string path)
    {
        var answer = engine.Query($"SELECT column_name || ' ' || column_type FROM (DESCRIBE FROM '{path}')");
        return string.Join(", ", Enumerable.Range(0, answer.RowCount).Select(i => answer.Columns[0].ValueAt(i)));
    }

    private string Write(string name, IEnumerable<string> lines)
    {
        File.WriteAllLines(_folder.File(name), lines);
        return _folder.File(name);
    }
}
