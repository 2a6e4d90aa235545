using System.Text;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Requests;

public sealed class RowsRequestReaderTests
{
    private static readonly InputColumns Columns = new(FakeScorer.Columns);

    [Fact]
    public void Read_ColumnsInAnyOrder_GivesTheModelsOrder()
    {
        var table = Read("""{"rows":[{"at":5,"weather":"x","holiday":1,"hour":2.0,"temp":1}]}""");
        Assert.Equal(FakeScorer.Columns.Select(c => c.Name), table.Schema.Select(c => c.Name));
        Assert.Equal(["1", "2", "True", "x", "5"], table.Columns.Select(c => c.ValueAt(0)?.ToString()));
    }

    [Fact]
    public void Read_NullsInNullableColumns_AreMissing()
    {
        var table = Read("""
            {"rows":[{"temp":1,"hour":2,"holiday":null,"weather":null,"at":null},{"temp":1,"hour":2,"holiday":true,"weather":"y","at":1}]}
            """);
        foreach (var name in new[] { "holiday", "weather", "at" })
        {
            Assert.True(table[name].IsMissing(0));
            Assert.False(table[name].IsMissing(1));
        }
    }

    [Theory]
    [InlineData("\"2012-01-01\"", 1325376000000000)]
    [InlineData("\"2012-01-01T00:00:00\"", 1325376000000000)]
    [InlineData("\"2012-01-01 00:00:00Z\"", 1325376000000000)]
    [InlineData("\"2012-01-01T02:00+02:00\"", 1325376000000000)]
    [InlineData("\"2012-01-01T00:00:00.000001Z\"", 1325376000000001)]
    [InlineData("\"1969-12-31T23:59:59.999999Z\"", -1)]
    [InlineData("1325376000000000", 1325376000000000)]
    [InlineData("1.325376e15", 1325376000000000)]
    public void Read_Timestamp_GivesMicrosecondsUtc(string written, long microseconds)
    {
        var table = Read($$"""{"rows":[{"temp":1,"hour":2,"holiday":true,"weather":"x","at":{{written}}}]}""");
        Assert.Equal(microseconds, ((Column<long>)table["at"]).Values[0]);
    }

    [Fact]
    public void Read_ByteOrderMarkAndUnicode_AreUnderstood()
    {
        var body = Encoding.UTF8.GetPreamble()
            .Concat(Encoding.UTF8.GetBytes("""{"rows":[{"temp":1,"hour":2,"holiday":true,"weather":"schön \"€\" 雨","at":1}]}"""));
        Assert.Equal("schön \"€\" 雨", RowsRequestReader.Read([.. body], Columns).Table["weather"].ValueAt(0));
    }

    private static Table Read(string body) => RowsRequestReader.Read(Encoding.UTF8.GetBytes(body), Columns).Table;
}
