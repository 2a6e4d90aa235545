using Gyre.Data.Sql;
using Gyre.DuckDb;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class TableReaderTests : IDisposable
{
    private const string Many = """
        SELECT range AS n, (range % 100)::SMALLINT AS small, CASE WHEN range % 7 = 0 THEN NULL ELSE range / 2 END AS half,
          CASE WHEN range > 90000 THEN NULL ELSE range % 2 = 0 END AS even, (range % 11)::VARCHAR AS code,
          CASE WHEN range % 5 = 0 THEN NULL ELSE 'category number ' || (range % 3000) END AS text
        FROM range({0})
        """;

    private readonly DuckDbDatabase _database = DuckDbDatabase.OpenInMemory();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(8 * 2048, 0)]
    [InlineData(8 * 2048 + 1, 0)]
    [InlineData(300_001, 0)]
    [InlineData(300_001, 300_001)]
    public void Read_OfAnyLength_EqualsReadAlone(int rows, int expectedRows)
    {
        var sql = Many.Replace("{0}", $"{rows}", StringComparison.Ordinal);
        var (beside, alone) = (Read(sql, expectedRows, TableReader.Read), Read(sql, expectedRows, TableReader.ReadAlone));
        Assert.Equal(rows, beside.RowCount);
        foreach (var (a, b) in beside.Columns.Zip(alone.Columns))
        {
            Assert.Equal(b.MissingCount, a.MissingCount);
            for (var i = 0; i < rows; i++)
                if (!Equals(b.ValueAt(i), a.ValueAt(i))) Assert.Fail($"{a.Name}, row {i}: {a.ValueAt(i)}, not {b.ValueAt(i)}.");
        }
    }

    [Fact]
    public void Read_WhenTheEngineFailsLate_ThrowsItsError() => Assert.Throws<DuckDbException>(() => Read(
        "SELECT CASE WHEN range = 900000 THEN error('late') ELSE 'x' END AS a FROM range(1000000)", 0, TableReader.Read));

    [Fact]
    public async Task Drain_WhenTheTakerFails_DropsTheRestAndThrows()
    {
        using var connection = _database.Connect();
        using var stream = connection.Stream("SELECT range AS a FROM range(300000)");
        using var queue = new ChunkQueue(columns: 512);
        var draining = Task.Run(() => queue.Drain(_ => throw new InvalidOperationException("taker")));
        while (stream.Next() is { } chunk) queue.Add(chunk);
        queue.Complete();
        Assert.Equal("taker", (await Assert.ThrowsAsync<InvalidOperationException>(() => draining)).Message);
        Assert.True(queue.HasFailed);
    }

    public void Dispose() => _database.Dispose();

    private Table Read(string sql, int expectedRows, Func<DuckDbStream, ColumnPlan[], int, Table> read)
    {
        using var connection = _database.Connect();
        using var stream = connection.Stream(sql);
        return read(stream, ColumnPlan.Of(stream.Columns, types: null), expectedRows);
    }
}
