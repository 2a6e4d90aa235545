using System.Globalization;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Models.Tests;

public sealed class OnnxExpressionsTests
{
    private static readonly Schema Columns = new(
    [
        new ColumnDefinition("x", ColumnType.Numeric), new ColumnDefinition("n", ColumnType.Integer, false),
        new ColumnDefinition("s", ColumnType.Categorical), new ColumnDefinition("t", ColumnType.Timestamp, false),
    ]);

    [Fact]
    public void Compile_RandomExpressions_ComputesWhatDuckDbDoes()
    {
        var golden = ExpressionGolden.Instance;
        var wrong = new List<string>();
        foreach (var example in golden.Cases)
        {
            var values = ExpressionRunner.Run(golden.Schema, golden.Rows, example.Type, example.Tree);
            if (values.Length != golden.Rows.RowCount) wrong.Add($"{example.Sql}: {values.Length} values");
            for (var row = 0; row < values.Length; row++)
            {
                if (!Same(example.Values[row], values[row]))
                    wrong.Add($"{example.Sql} row {row}: {Show(values[row])}, DuckDB {Show(example.Values[row])}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join('\n', wrong.Take(40))}");
        Assert.True(golden.Cases.Length >= 400);
    }

    [Fact]
    public void WhyUnsupported_UnknownFunction_NamesIt()
    {
        var column = new DerivedColumn("d", ColumnType.Numeric, Call.Of("regexp_matches", new ColumnReference("s")));

        var supported = OnnxExpressions.IsSupported(column, Columns, out var reason);

        Assert.False(supported);
        Assert.Contains("'regexp_matches'", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hour", "x")]
    [InlineData("+", "s", "n")]
    [InlineData("<", "s", "s")]
    [InlineData("ln")]
    [InlineData("abs", "absent")]
    public void WhyUnsupported_WrongArguments_SaysWhy(string function, params string[] columns)
    {
        var call = new Call(function, [.. columns.Select(c => new ColumnReference(c))]);

        Assert.NotNull(OnnxExpressions.WhyUnsupported(new DerivedColumn("d", ColumnType.Numeric, call), Columns));
    }

    [Fact]
    public void WhyUnsupported_TextWhereNumberIsDeclared_SaysWhy()
    {
        var column = new DerivedColumn("d", ColumnType.Numeric, new ColumnReference("s"));

        Assert.NotNull(OnnxExpressions.WhyUnsupported(column, Columns));
    }

    [Fact]
    public void IsSupported_RatioAndCalendar_IsTrue()
    {
        var ratio = Call.Of("/", new ColumnReference("x"), new ColumnReference("n"));
        var weekend = Call.Of("or",
            Call.Of("=", Call.Of("dayofweek", new ColumnReference("t")), new Literal(0L)),
            Call.Of("=", Call.Of("dayofweek", new ColumnReference("t")), new Literal(6L)));

        Assert.True(OnnxExpressions.IsSupported(new DerivedColumn("r", ColumnType.Numeric, ratio), Columns, out _));
        Assert.True(OnnxExpressions.IsSupported(new DerivedColumn("w", ColumnType.Boolean, weekend), Columns, out _));
    }

    [Fact]
    public void Compile_DivisionThatTraps_IsNullOrDefined()
    {
        var schema = new Schema([new ColumnDefinition("a", ColumnType.Integer, false),
            new ColumnDefinition("b", ColumnType.Integer, false)]);
        var rows = new Table(
        [
            new Column<long>("a", ColumnType.Integer, [long.MinValue, 5, long.MinValue]),
            new Column<long>("b", ColumnType.Integer, [-1, 0, 2]),
        ]);
        var (a, b) = (new ColumnReference("a"), new ColumnReference("b"));

        var quotient = ExpressionRunner.Run(schema, rows, ColumnType.Integer, Call.Of("//", a, b));
        var remainder = ExpressionRunner.Run(schema, rows, ColumnType.Integer, Call.Of("%", a, b));

        Assert.Null(quotient[1]);
        Assert.Equal(-4611686018427387904d, quotient[2]);
        Assert.Equal([0d, null, 0d], remainder);
    }

    [Fact]
    public void WhyUnsupported_PatternOfAColumn_SaysWhy()
    {
        var like = Call.Of("~~", new ColumnReference("s"), new ColumnReference("s"));

        Assert.Contains(
            "constant", OnnxExpressions.WhyUnsupported(new DerivedColumn("d", ColumnType.Boolean, like), Columns),
            StringComparison.Ordinal);
    }

    private static bool Same(object? expected, object? actual) => (expected, actual) switch
    {
        (null, null) => true,
        (string a, string b) => a == b,
        (string a, double b) => double.Parse(a, CultureInfo.InvariantCulture) == b,

        // Functions of two mathematical libraries may differ in the last bits of a float64, sums in a few more.
        (double a, double b) => a.Equals(b) || Math.Abs(a - b) <= 1e-12 * Math.Max(Math.Abs(a), 1),
        _ => false,
    };

    private static string Show(object? value) =>
        value is null ? "NULL" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
