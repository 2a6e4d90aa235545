using Gyre.Data;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Features.Tests;

public class FeaturePlannerTests
{
    private static readonly Schema _raw = new(
    [
        new ColumnDefinition("moment", ColumnType.Timestamp),
        new ColumnDefinition("temp", ColumnType.Numeric),
        new ColumnDefinition("n", ColumnType.Integer),
        new ColumnDefinition("kind", ColumnType.Categorical),
        new ColumnDefinition("y", ColumnType.Numeric),
    ]);

    private static FeaturePlan Plan(params FeatureDefinition[] features) =>
        new FeaturePlanner((_, _) => null).Plan(_raw, features, ["y"]);

    private static RowExpression Parse(string sql) => Plan(new FeatureDefinition("f", sql)).Derived[0].Expression;

    [Fact]
    public void Plan_CalendarPart_IsACallOnTheColumn() =>
        Assert.Equal(Call.Of("hour", new ColumnReference("moment")), Parse("hour(MOMENT)"));

    [Theory]
    [InlineData("temp * 0.05", 0.05)]
    [InlineData("temp * 123456789.123456789", 123456789.123456789)]
    [InlineData("temp * 1e-3", 1e-3)]
    public void Plan_DecimalConstant_KeepsItsValue(string sql, double value) =>
        Assert.Equal(Call.Of("*", new ColumnReference("temp"), new Literal(value)), Parse(sql));

    [Fact]
    public void Plan_CaseInBetweenCast_AreUnderstood()
    {
        Assert.Equal(
            new Case([new CaseBranch(Call.Of("is_null", new ColumnReference("temp")), new Literal(0L))], new Literal(1L)),
            Parse("CASE WHEN temp IS NULL THEN 0 ELSE 1 END"));
        Assert.Equal(
            Call.Of("or", Call.Of("=", new ColumnReference("kind"), new Literal("a")),
                Call.Of("=", new ColumnReference("kind"), new Literal("b"))),
            Parse("kind IN ('a', 'b')"));
        Assert.Equal(
            Call.Of("and", Call.Of(">=", new ColumnReference("n"), new Literal(1L)),
                Call.Of("<=", new ColumnReference("n"), new Literal(3L))),
            Parse("n BETWEEN 1 AND 3"));
        Assert.Equal(new Cast(new ColumnReference("n"), ColumnType.Numeric), Parse("CAST(n AS DOUBLE)"));
    }

    [Fact]
    public void Plan_TypesFollowFromDuckDb()
    {
        var plan = Plan(new FeatureDefinition("h", "hour(moment)"), new FeatureDefinition("r", "temp / n"),
            new FeatureDefinition("hot", "temp > 0.5"), new FeatureDefinition("two", "h + 1"));
        Assert.Equal(
            [ColumnType.Integer, ColumnType.Numeric, ColumnType.Boolean, ColumnType.Integer],
            plan.Derived.Select(d => d.Type));
    }

    [Theory]
    [InlineData("lag(temp) OVER (ORDER BY moment)", "lag() OVER")]
    [InlineData("temp - avg(temp)", "avg()")]
    [InlineData("(SELECT 1)", "subquery")]
    [InlineData("y * 2", "'y'")]
    public void Plan_NotComputableFromOneRow_NamesFeatureAndReason(string sql, string reason)
    {
        var error = Assert.Throws<GyreException>(() => Plan(new FeatureDefinition("f", sql)));
        Assert.Equal(ErrorCode.InvalidInput, error.Code);
        Assert.Contains("features.derive.f", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_LagSentByTheClient_IsARequestColumn()
    {
        var plan = Plan(new FeatureDefinition("before", "lag(temp) OVER (ORDER BY moment)", ServeMode.Request));
        Assert.Empty(plan.Derived);
        Assert.True(plan.Request.Contains("before"));
        Assert.False(plan.Request.Contains("y"));
    }

    [Theory]
    [InlineData("nope + 1")]
    [InlineData("temp +")]
    [InlineData("temp, n")]
    [InlineData("hour(kind")]
    public void Plan_WrongSql_NamesTheFeature(string sql)
    {
        var error = Assert.Throws<GyreException>(() => Plan(new FeatureDefinition("f", sql)));
        Assert.True(error.IsUserError);
        Assert.Contains("features.derive.f", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_NotServableByTheModel_SaysWhy()
    {
        var planner = new FeaturePlanner((column, _) => $"{column.Name} is too clever");
        var error = Assert.Throws<GyreException>(() => planner.Plan(_raw, [new FeatureDefinition("f", "n + 1")], []));
        Assert.Contains("f is too clever", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SelectFrom_WindowAndLaterFeature_KeepsTheOrderOfRows()
    {
        var plan = Plan(
            new FeatureDefinition("before", "lag(temp) OVER (ORDER BY moment DESC)", ServeMode.Request),
            new FeatureDefinition("change", "temp - before"));
        using var engine = new SqlEngine();
        var table = engine.Query(plan.SelectFrom(
            "(SELECT TIMESTAMP '2020-01-01' + INTERVAL (i) DAY AS moment, (i * 7 % 5)::DOUBLE AS temp, i AS n, 'a' AS kind, 0.0 AS y FROM range(5) t(i))"),
            plan.Schema);
        Assert.Equal([0.0, 2, 4, 1, 3], ((Column<double>)table["temp"]).Values.ToArray());
        Assert.Equal([2.0, 4, 1, 3, double.NaN], ((Column<double>)table["before"]).Values.ToArray());
        Assert.Equal([-2.0, -2, 3, -2, double.NaN], ((Column<double>)table["change"]).Values.ToArray());
    }
}
