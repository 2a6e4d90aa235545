using System.Diagnostics;
using Gyre.Primitives;

namespace Gyre.DuckDb.Tests;

public sealed class DuckDbStreamTests : IDisposable
{
    private readonly DuckDbDatabase _database = DuckDbDatabase.OpenInMemory();
    private readonly DuckDbConnection _connection;

    public DuckDbStreamTests() => _connection = _database.Connect();

    [Fact]
    public void LibraryVersion_OfTheNativeLibrary_IsOneDotFive() =>
        Assert.StartsWith("v1.5", DuckDbDatabase.LibraryVersion, StringComparison.Ordinal);

    [Fact]
    public void Next_ManyRows_YieldsEachOnceInOrder()
    {
        using var stream = _connection.Stream("SELECT range AS n FROM range(100000)");
        var expected = 0L;
        while (stream.Next() is { } chunk)
        {
            using (chunk)
            {
                Assert.InRange(chunk.RowCount, 1, 2048);
                foreach (var value in chunk.Vector(0).Values<long>()) Assert.Equal(expected++, value);
            }
        }

        Assert.Equal(100_000, expected);
    }

    [Fact]
    public void Vector_OfEachType_ReadsItsOwnMemory()
    {
        using var stream = _connection.Stream("""
            SELECT true AS a, 7::TINYINT AS b, -7::SMALLINT AS c, 70000::INTEGER AS d, 1::BIGINT << 40 AS e, 0.5::FLOAT AS f,
              0.25::DOUBLE AS g, TIMESTAMP '1970-01-01 00:00:01' AS h, DATE '1970-01-03' AS i, 'short' AS j
            """);
        DuckDbType[] types =
        [
            DuckDbType.Boolean, DuckDbType.TinyInt, DuckDbType.SmallInt, DuckDbType.Integer, DuckDbType.BigInt,
            DuckDbType.Float, DuckDbType.Double, DuckDbType.Timestamp, DuckDbType.Date, DuckDbType.Varchar,
        ];
        Assert.Equal(types, stream.Columns.Select(c => c.Type));
        Assert.Equal("abcdefghij".Select(c => c.ToString()), stream.Columns.Select(c => c.Name));
        using var chunk = stream.Next();
        Assert.NotNull(chunk);
        Assert.Equal(1, chunk.Vector(0).Values<byte>()[0]);
        Assert.Equal(7, chunk.Vector(1).Values<sbyte>()[0]);
        Assert.Equal(-7, chunk.Vector(2).Values<short>()[0]);
        Assert.Equal(70000, chunk.Vector(3).Values<int>()[0]);
        Assert.Equal(1L << 40, chunk.Vector(4).Values<long>()[0]);
        Assert.Equal(0.5f, chunk.Vector(5).Values<float>()[0]);
        Assert.Equal(0.25, chunk.Vector(6).Values<double>()[0]);
        Assert.Equal(1_000_000, chunk.Vector(7).Values<long>()[0]);
        Assert.Equal(2, chunk.Vector(8).Values<int>()[0]);
        Assert.Equal("short", chunk.Vector(9).Values<DuckDbString>()[0].ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("123456789012")]
    [InlineData("1234567890123")]
    [InlineData("Grüße aus Köln, ein längerer Text")]
    public void DuckDbString_OfAnyLength_KeepsItsText(string text)
    {
        using var stream = _connection.Stream($"SELECT '{text}' AS t");
        using var chunk = stream.Next();
        Assert.NotNull(chunk);
        ref readonly var value = ref chunk.Vector(0).Values<DuckDbString>()[0];
        Assert.Equal(text, value.ToString());
        Assert.Equal(value.Length <= DuckDbString.InlineLength, value.IsInline);
    }

    [Fact]
    public void IsValid_WithNulls_FollowsTheMask()
    {
        using var stream = _connection.Stream("SELECT CASE WHEN range % 3 = 0 THEN NULL ELSE range END AS n FROM range(200)");
        using var chunk = stream.Next();
        Assert.NotNull(chunk);
        var vector = chunk.Vector(0);
        Assert.False(vector.AllValid);
        for (var i = 0; i < chunk.RowCount; i++)
        {
            Assert.Equal(i % 3 != 0, vector.IsValid(i));
            Assert.Equal(i % 3 != 0, (vector.Validity[i / 64] >> (i % 64) & 1) == 1);
        }
    }

    [Fact]
    public void Vector_OfAColumnThatIsNotThere_IsAnArgumentError()
    {
        using var stream = _connection.Stream("SELECT 1");
        using var chunk = stream.Next();
        Assert.Throws<ArgumentOutOfRangeException>(() => { chunk!.Vector(1); });
    }

    [Theory]
    [InlineData("SELEC 1", "SELEC")]
    [InlineData("SELECT no_such_column", "no_such_column")]
    [InlineData("SELECT error('my own words')", "my own words")]
    public void Stream_OfWhatTheEngineRefuses_CarriesItsMessageOnOneLine(string sql, string part)
    {
        var error = Assert.Throws<DuckDbException>(() => _connection.Stream(sql).Next());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
    }

    [Fact]
    public void Next_WhenTheEngineFailsMidway_Throws()
    {
        using var stream = _connection.Stream(
            "SELECT CASE WHEN range < 4900000 THEN range ELSE error('late failure')::BIGINT END AS n FROM range(5000000)");
        var error = Assert.Throws<DuckDbException>(() => { while (stream.Next() is { } chunk) chunk.Dispose(); });
        Assert.Contains("late failure", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Execute_WhenCancelled_InterruptsAndThrows()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var start = Stopwatch.GetTimestamp();
        Assert.ThrowsAny<OperationCanceledException>(() => _connection.Execute(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3", cancellation.Token));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        _connection.Execute("SELECT 1");
    }

    [Fact]
    public void OpenInMemory_WithAnUnknownSetting_NamesIt()
    {
        var error = Assert.Throws<DuckDbException>(() =>
            DuckDbDatabase.OpenInMemory(new Dictionary<string, string> { ["no_such_setting"] = "1" }));
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DescribeColumns_BeforeRunning_TellsNamesAndTypes()
    {
        using var statement = _connection.Prepare("SELECT 1::BIGINT AS a, 'x' AS b");
        Assert.True(statement.IsSelect);
        Assert.Equal(
            [new DuckDbColumn("a", DuckDbType.BigInt), new DuckDbColumn("b", DuckDbType.Varchar)], statement.DescribeColumns());
        using var create = _connection.Prepare("CREATE TABLE t (a INTEGER)");
        Assert.False(create.IsSelect);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }
}
