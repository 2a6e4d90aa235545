using System.IO.Compression;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class SnapshotStoreTests : IDisposable
{
    private static readonly Schema _schema = new(
        [new ColumnDefinition("n", ColumnType.Integer), new ColumnDefinition("x", ColumnType.Numeric), new ColumnDefinition("c", ColumnType.Categorical)]);

    private readonly TemporaryFolder _folder = new();

    private string Store => _folder.File("data");

    [Fact]
    public async Task TakeAsync_OfTheBikeHours_KeepsEveryRowInOrder()
    {
        var source = new SourceDefinition([TestData.Shipped("bike_hourly.csv.gz")]);
        var inspection = await new SourceInspector().InspectAsync(source, "cnt", null, CancellationToken.None);
        var snapshot = await Take(source, inspection.Schema);
        Assert.Equal(14_491, snapshot.Rows);
        Assert.Null(snapshot.RejectsPath);
        Assert.Equal($"{snapshot.Hash}.parquet", Path.GetFileName(snapshot.Path));
        var table = Read(snapshot);
        Assert.Equal(inspection.Schema, new Schema(table.Schema.Select(c => inspection.Schema[c.Name])));
        using var text = new StreamReader(new GZipStream(File.OpenRead(source.Paths[0]), CompressionMode.Decompress));
        await text.ReadLineAsync();
        for (var row = 0; row < table.RowCount; row++)
        {
            var fields = (await text.ReadLineAsync() ?? "").Split(',');
            Assert.Equal(fields[0], table["instant"].ValueAt(row));
            Assert.Equal(long.Parse(fields[^1]), table["cnt"].ValueAt(row));
            Assert.Equal(double.Parse(fields[10]), table["temp"].ValueAt(row));
            Assert.Equal((DateTimeOffset.Parse(fields[1]) - DateTimeOffset.UnixEpoch).Ticks / 10, table["timestamp"].ValueAt(row));
        }
    }

    [Fact]
    public async Task TakeAsync_OfUnchangedFiles_ReusesAndDoesNotHashAgain()
    {
        var path = await Write("a.csv", "n,x,c\n1,0.5,a\n2,1.5,b\n");
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var first = await Take(new SourceDefinition([path]), _schema);
        Assert.False(first.Reused);
        // Were the file read again it would fail: its content is gone while size and time are the same.
        await File.WriteAllBytesAsync(path, new byte[new FileInfo(path).Length]);
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var second = await Take(new SourceDefinition([path]), _schema);
        Assert.True(second.Reused);
        Assert.Equal(first with { Reused = true }, second);
    }

    [Fact]
    public async Task TakeAsync_OfAnOldFileThatIsRefused_LeavesNothing()
    {
        var source = new SourceDefinition([await Write("a.csv", "n,x,c\n1,0.5,a\n2\n")]);
        var store = new SnapshotStore(Store, new LaterTime(TimeSpan.FromHours(1)));
        await Assert.ThrowsAsync<GyreException>(() => store.TakeAsync(source, _schema, CancellationToken.None));
        Assert.False(Directory.Exists(Store) && Directory.EnumerateFileSystemEntries(Store).Any());
    }

    [Fact]
    public async Task TakeAsync_OfAnOldFileThatIsRefused_ForgetsNoOther()
    {
        var good = await Write("good.csv", "n,x,c\n1,0.5,a\n");
        var bad = await Write("bad.csv", "n,x,c\n1,0.5,a\n2\n");
        var store = new SnapshotStore(Store, new LaterTime(TimeSpan.FromHours(1)));
        await store.TakeAsync(new SourceDefinition([good]), _schema, CancellationToken.None);
        var remembered = await File.ReadAllTextAsync(Path.Combine(Store, "sources.json"));
        Assert.Contains("good.csv", remembered);
        await Assert.ThrowsAsync<GyreException>(
            () => store.TakeAsync(new SourceDefinition([good, bad]), _schema, CancellationToken.None));
        Assert.Equal(remembered, await File.ReadAllTextAsync(Path.Combine(Store, "sources.json")));
    }

    [Fact]
    public async Task TakeAsync_OfAFileJustChangedInPlace_SeesTheChange()
    {
        var path = await Write("a.csv", "n,x,c\n1,0.5,a\n");
        var first = await Take(new SourceDefinition([path]), _schema);
        var time = File.GetLastWriteTimeUtc(path);
        await File.WriteAllTextAsync(path, "n,x,c\n2,0.5,a\n");
        File.SetLastWriteTimeUtc(path, time);
        Assert.NotEqual(first.Hash, (await Take(new SourceDefinition([path]), _schema)).Hash);
    }

    [Fact]
    public async Task TakeAsync_WithAnotherSchema_IsAnotherSnapshot()
    {
        var source = new SourceDefinition([await Write("a.csv", "n,x,c\n1,0.5,a\n")]);
        var first = await Take(source, _schema);
        var second = await Take(source, _schema.Select(["n", "c"]));
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.Equal(["n", "c"], Read(second).Schema.Select(c => c.Name));
    }

    [Fact]
    public async Task TakeAsync_OfValuesThatDoNotFit_WritesThemDown()
    {
        var path = await Write("a.csv", "n,x,c\n1,0.5,a\nseven,inf,b\n3.5,,\n4,NA,d\n");
        var snapshot = await Take(new SourceDefinition([path]), _schema);
        var table = Read(snapshot);
        Assert.Equal([1L, null, null, 4L], Values(table["n"]));
        Assert.Equal([0.5, null, null, null], Values(table["x"]));
        Assert.Equal(["a", "b", null, "d"], Values(table["c"]));
        Assert.NotNull(snapshot.RejectsPath);
        using var engine = new SqlEngine();
        var rejects = engine.Query($"FROM read_parquet('{snapshot.RejectsPath}') ORDER BY ALL");
        Assert.Equal([2L, 2L, 3L], Values(rejects["row"]));
        Assert.Equal(["n", "x", "n"], Values(rejects["column"]));
        Assert.Equal(["seven", "inf", "3.5"], Values(rejects["text"]));
    }

    [Fact]
    public async Task TakeAsync_OfCsvAndJsonLines_UnitesThemByName()
    {
        var csv = await Write("a.csv", "n,x,c\n1,0.5,a\n2,1.5,b\n");
        var json = await Write("b.jsonl", "{\"c\":\"j\",\"n\":3}\n{\"x\":2.25,\"n\":4,\"c\":null}\n");
        var parquet = _folder.File("c.parquet");
        using (var engine = new SqlEngine())
            engine.Execute($"COPY (SELECT 'p' AS c, 5::SMALLINT AS n, 0.125::DOUBLE AS x, 1 AS extra) TO '{parquet}' (FORMAT parquet)");
        var table = Read(await Take(new SourceDefinition([csv, json, parquet]), _schema));
        Assert.Equal([1L, 2L, 3L, 4L, 5L], Values(table["n"]));
        Assert.Equal([0.5, 1.5, null, 2.25, 0.125], Values(table["x"]));
        Assert.Equal(["a", "b", "j", null, "p"], Values(table["c"]));
    }

    [Fact]
    public async Task TakeAsync_OfAGlob_ReadsFilesInOrdinalOrder()
    {
        for (var i = 9; i >= 1; i--) await Write($"part-{i}.csv", $"n,x,c\n{i},0,a\n");
        var table = Read(await Take(new SourceDefinition([_folder.File("part-*.csv")]), _schema));
        Assert.Equal(Enumerable.Range(1, 9).Select(i => (object?)(long)i), Values(table["n"]));
    }

    [Fact]
    public async Task TakeAsync_Distinct_KeepsTheFirstOfEqualRowsInOrder()
    {
        var csv = await Write("a.csv", "n,x,c\n2,0.5,a\n1,,b\n2,0.5,a\n2,oops,c\n1,,b\n2,0.50,a\n");
        var source = new SourceDefinition([csv]);

        var all = await Take(source, _schema);
        var distinct = await Take(source with { Distinct = true }, _schema);

        Assert.Equal((6L, 4L), (all.Rows, distinct.Rows));
        Assert.NotEqual(all.Hash, distinct.Hash);
        Assert.Equal([2L, 1L, 2L, 2L], Values(Read(distinct)["n"]));
    }

    [Fact]
    public async Task TakeAsync_OfAFileNamedLikeAGlob_ReadsThatFile()
    {
        await Write("a1.csv", "n,x,c\n1,0,wrong\n");
        var table = Read(await Take(new SourceDefinition([await Write("a[1].csv", "n,x,c\n2,0,right\n")]), _schema));
        Assert.Equal(["right"], Values(table["c"]));
    }

    [Theory]
    [InlineData("n;x;c\r\n1;0.5;a\r\n")]
    [InlineData("n\tx\tc\n1\t0.5\ta\n")]
    [InlineData("\uFEFFn|x|c\n1|0.5|a")]
    [InlineData("\"n\",\"x\",\"c\"\n\"1\",\"0.5\",\"a\"\n")]
    public async Task TakeAsync_OfOtherDialects_ReadsThem(string text)
    {
        var table = Read(await Take(new SourceDefinition([await Write("a.csv", text)]), _schema));
        Assert.Equal((1L, 0.5, "a"), (table["n"].ValueAt(0), table["x"].ValueAt(0), table["c"].ValueAt(0)));
    }

    [Fact]
    public async Task TakeAsync_ForAColumnThatNoFileHas_NamesItAndLeavesNothing()
    {
        var source = new SourceDefinition([await Write("a.csv", "n,x\n1,0.5\n")]);
        var error = await Assert.ThrowsAsync<GyreException>(() => Take(source, _schema));
        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Store) && Directory.EnumerateFiles(Store, "*.parquet*").Any());
    }

    [Fact]
    public async Task TakeAsync_OfADamagedSnapshot_TakesItAgain()
    {
        var source = new SourceDefinition([await Write("a.csv", "n,x,c\n1,0.5,a\n")]);
        var first = await Take(source, _schema);
        await File.WriteAllTextAsync(first.Path, "damaged");
        Assert.Null(new SnapshotStore(Store, TimeProvider.System).Find(first.Hash));
        var second = await Take(source, _schema);
        Assert.False(second.Reused);
        Assert.Equal(1, Read(second).RowCount);
    }

    [Fact]
    public async Task Find_OfASnapshot_GivesItBack()
    {
        var taken = await Take(new SourceDefinition([await Write("a.csv", "n,x,c\n1,0.5,a\n")]), _schema);
        Assert.Equal(taken with { Reused = true }, new SnapshotStore(Store, TimeProvider.System).Find(taken.Hash));
        Assert.Null(new SnapshotStore(Store, TimeProvider.System).Find(ContentHash.Of("other"u8)));
    }

    [SharedDataFact("flights_2001/flights_2001_q1.parquet")]
    public async Task TakeAsync_OfALargeFile_KeepsItsOrder()
    {
        var source = new SourceDefinition([TestData.Shared("flights_2001/flights_2001_q1.parquet")!]);
        var schema = new Schema([new ColumnDefinition("departure", ColumnType.Timestamp), new ColumnDefinition("origin", ColumnType.Categorical)]);
        var snapshot = await Take(source, schema);
        Assert.Equal(1_477_911, snapshot.Rows);
        var departures = ((Column<long>)Read(snapshot)["departure"]).Memory.Span;
        for (var i = 1; i < departures.Length; i++) Assert.True(departures[i - 1] <= departures[i]);
    }

    public void Dispose() => _folder.Dispose();

    private Task<Snapshot> Take(SourceDefinition source, Schema schema) =>
        new SnapshotStore(Store, TimeProvider.System).TakeAsync(source, schema, CancellationToken.None);

    private static Table Read(Snapshot snapshot)
    {
        using var engine = new SqlEngine();
        return engine.Query($"FROM read_parquet('{snapshot.Path}')", snapshot.Schema);
    }

    private static IEnumerable<object?> Values(Column column) => Enumerable.Range(0, column.Length).Select(column.ValueAt);

    private async Task<string> Write(string name, string text)
    {
        await File.WriteAllTextAsync(_folder.File(name), text);
        return _folder.File(name);
    }

    /// <summary>The system's clock, ahead: files just written are as old as that.</summary>
    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
