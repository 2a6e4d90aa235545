using Gyre.DuckDb;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Tests;

public sealed class SqlEngineTests : IDisposable
{
    private readonly SqlEngine _engine = new();
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("1::TINYINT", ColumnType.Integer, 1L)]
    [InlineData("65535::USMALLINT", ColumnType.Integer, 65535L)]
    [InlineData("1::HUGEINT", ColumnType.Integer, 1L)]
    [InlineData("0.5::FLOAT", ColumnType.Numeric, 0.5)]
    [InlineData("0.25::DECIMAL(8, 3)", ColumnType.Numeric, 0.25)]
    [InlineData("true", ColumnType.Boolean, true)]
    [InlineData("'x'", ColumnType.Categorical, "x")]
    [InlineData("DATE '1970-01-02'", ColumnType.Timestamp, 86_400_000_000L)]
    [InlineData("TIMESTAMPTZ '1970-01-01 01:00:00+01'", ColumnType.Timestamp, 0L)]
    [InlineData("[1, 2]", ColumnType.Categorical, "[1, 2]")]
    public void Query_WithoutTypes_TakesTheEnginesType(string expression, ColumnType type, object value)
    {
        var table = _engine.Query($"SELECT {expression} AS a UNION ALL SELECT NULL");
        Assert.Equal(type, table.Schema["a"].Type);
        Assert.Equal(value, table["a"].ValueAt(0));
        Assert.True(table["a"].IsMissing(1));
        Assert.Equal(1, table["a"].MissingCount);
    }

    [Theory]
    [InlineData("7", ColumnType.Id, "7")]
    [InlineData("7", ColumnType.Numeric, 7.0)]
    [InlineData("'7'", ColumnType.Integer, 7L)]
    [InlineData("1", ColumnType.Boolean, true)]
    public void Query_WithTypes_ConvertsToThem(string expression, ColumnType type, object value)
    {
        var table = _engine.Query($"SELECT {expression} AS a", new Schema([new ColumnDefinition("a", type)]));
        Assert.Equal(type, table.Schema["a"].Type);
        Assert.Equal(value, table["a"].ValueAt(0));
    }

    [Fact]
    public void Query_OfManyRows_KeepsOrderNullsAndText()
    {
        var table = _engine.Query("""
            SELECT range AS n, CASE WHEN range % 7 = 0 THEN NULL ELSE range / 2 END AS half,
              CASE WHEN range % 5 = 0 THEN NULL ELSE 'category number ' || (range % 3000) END AS text, (range % 11)::VARCHAR AS code,
              CASE WHEN range > 90000 THEN NULL ELSE range % 2 = 0 END AS even
            FROM range(100000)
            """);
        Assert.Equal(100_000, table.RowCount);
        for (var i = 0; i < table.RowCount; i++)
        {
            Assert.Equal((long)i, table["n"].ValueAt(i));
            Assert.Equal(i % 7 == 0 ? null : i / 2.0, table["half"].ValueAt(i));
            Assert.Equal(i % 5 == 0 ? null : $"category number {i % 3000}", table["text"].ValueAt(i));
            Assert.Equal($"{i % 11}", table["code"].ValueAt(i));
            Assert.Equal(i > 90_000 ? null : i % 2 == 0, table["even"].ValueAt(i));
        }

        Assert.Equal(2400, ((CategoricalColumn)table["text"]).Categories.Count);
        Assert.Equal(["0", "1", "2"], ((CategoricalColumn)table["code"]).Categories.Take(3));
    }

    [Fact]
    public void Query_OfNoRows_HasColumnsAndNoRows()
    {
        var table = _engine.Query("SELECT 1 AS a, 'x' AS b WHERE false");
        Assert.Equal(0, table.RowCount);
        Assert.Equal(2, table.Columns.Count);
    }

    [Fact]
    public void Query_WithTwoColumnsOfOneName_NamesIt() => Assert.Contains(
        "'a'", Assert.Throws<GyreException>(() => _engine.Query("SELECT 1 AS a, 2 AS a")).Message, StringComparison.Ordinal);

    [Fact]
    public void Query_WhenCancelled_Throws()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => _engine.Query(
            "SELECT a.range FROM range(10000000) a, range(1000) b", cancellationToken: cancellation.Token));
    }

    [Fact]
    public void SerializeSql_OfASelect_IsItsTree() =>
        Assert.Contains("\"column_names\":[\"a\"]", _engine.SerializeSql("SELECT a + 1 FROM t"), StringComparison.Ordinal);

    [Fact]
    public void SerializeSql_OfNonsense_IsAOneLineError()
    {
        var error = Assert.Throws<GyreException>(() => _engine.SerializeSql("SELECT FROM WHERE"));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Sandbox_OverAFile_ReadsThatFileOnly()
    {
        var (seen, secret) = (_folder.File("seen.parquet"), _folder.File("secret.parquet"));
        _engine.Execute($"COPY (SELECT 42 AS a) TO '{seen}' (FORMAT parquet); COPY (SELECT 1 AS a) TO '{secret}' (FORMAT parquet)");
        using var sandbox = SqlEngine.Sandbox(new Dictionary<string, string> { ["data"] = seen });
        Assert.Equal(42L, sandbox.Query("SELECT a FROM data")["a"].ValueAt(0));
        Assert.Throws<DuckDbException>(() => sandbox.Query($"FROM read_parquet('{secret}')"));
        Assert.Throws<DuckDbException>(() => sandbox.Query("FROM read_text('/etc/hostname')"));
        Assert.Throws<DuckDbException>(() => sandbox.Query($"FROM glob('{_folder.Path}/*')"));
    }

    [Theory]
    [InlineData("SET enable_external_access = true")]
    [InlineData("RESET lock_configuration")]
    [InlineData("COPY (SELECT 1) TO '{seen}' (FORMAT parquet)")]
    [InlineData("DROP VIEW data")]
    [InlineData("INSTALL httpfs")]
    [InlineData("ATTACH '{seen}.db' AS other")]
    public void Sandbox_OfAnythingButASelect_Refuses(string sql)
    {
        var seen = _folder.File("seen.parquet");
        _engine.Execute($"COPY (SELECT 42 AS a) TO '{seen}' (FORMAT parquet)");
        using var sandbox = SqlEngine.Sandbox(new Dictionary<string, string> { ["data"] = seen });
        Assert.ThrowsAny<GyreException>(() => sandbox.Query(sql.Replace("{seen}", seen, StringComparison.Ordinal)));
        Assert.Equal(42L, sandbox.Query("SELECT a FROM data")["a"].ValueAt(0));
        Assert.Equal(["seen.parquet"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Query_FromManyThreads_Answers() => Parallel.For(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        Assert.Equal((long)i, _engine.Query($"SELECT {i}::BIGINT AS a")["a"].ValueAt(0)));

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }
}
