using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Monitoring.Tests;

public class ContractViolationsTests
{
    [Fact]
    public void Count_EveryRule_CountsTheRowsThatBreakIt()
    {
        var window = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [-1, 0, 1, 2, double.NaN]),
            new Column<long>("n", ColumnType.Integer, [1, 2, 3, 4, 0], [false, false, false, false, true]),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, ["a", "b", "z", null, "a"]),
        ]);
        var contract = new DataContract(
        [
            new ColumnContract("x", new TypeRule(ColumnType.Numeric), new NotNullRule(), new RangeRule(0, 1.5)),
            new ColumnContract("n", new TypeRule(ColumnType.Integer), null, new RangeRule(null, 3),
                new AllowedRule(["1", "2"], RuleAction.Fail)),
            new ColumnContract("c", new TypeRule(ColumnType.Categorical), Allowed: new AllowedRule(["a", "b"])),
            new ColumnContract("target", new TypeRule(ColumnType.Numeric), new NotNullRule()),
        ]);

        Assert.Equal(
        [
            new RuleViolations("x", "nullability", RuleAction.Quarantine, 1, 0.2),
            new RuleViolations("x", "range", RuleAction.Warn, 2, 0.4),
            new RuleViolations("n", "range", RuleAction.Warn, 1, 0.2),
            new RuleViolations("n", "allowed", RuleAction.Fail, 2, 0.4),
            new RuleViolations("c", "allowed", RuleAction.Warn, 1, 0.2),
        ], ContractViolations.Count(contract, window).AsEnumerable());
    }
}
