namespace Gyre.Tabular.Tests;

public class TableTests
{
    [Fact]
    public void Take_RepeatedRows_KeepsOrderAndMissing()
    {
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [1.5, double.NaN, 3]),
            new Column<long>("n", ColumnType.Integer, [1, 2, 3], [false, false, true]),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, ["a", null, "b"]),
        ]);

        var taken = table.Take([2, 1, 1]);

        Assert.Equal([3.0, null, null], taken["x"].ToObjects());
        Assert.Equal([null, 2L, 2L], taken["n"].ToObjects());
        Assert.Equal(["b", null, null], taken["c"].ToObjects());
    }

    [Fact]
    public void Constructor_LengthsDiffer_NamesTheColumn()
    {
        var error = Assert.Throws<ArgumentException>(() => new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [1]),
            new Column<double>("y", ColumnType.Numeric, [1, 2]),
        ]));
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_DuplicateName_NamesIt()
    {
        var error = Assert.Throws<ArgumentException>(() => new Schema(
            [new ColumnDefinition("a", ColumnType.Numeric), new ColumnDefinition("a", ColumnType.Text)]));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CategoricalColumn_CodeOutOfRange_Throws() =>
        Assert.Throws<ArgumentException>(() => new CategoricalColumn("c", ColumnType.Categorical, [0, 2], ["a", "b"]));
}

internal static class ColumnAssertions
{
    public static IEnumerable<object?> ToObjects(this Column column) =>
        Enumerable.Range(0, column.Length).Select(column.ValueAt);
}
