using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Bench.Serving;

/// <summary>Requests of one row with the 14 columns of the adult data, and a classifier's answers to them.</summary>
internal static class AdultRows
{
    private const int Distinct = 512;

    private static readonly (string Name, string[]? Values, int Least, int Greatest)[] Columns =
    [
        ("age", null, 17, 90), ("workclass", ["Private", "Self-emp-not-inc", "Local-gov", "State-gov"], 0, 0),
        ("fnlwgt", null, 12_285, 1_484_705), ("education", ["HS-grad", "Some-college", "Bachelors", "Masters"], 0, 0),
        ("education_num", null, 1, 16), ("marital_status", ["Married-civ-spouse", "Never-married", "Divorced"], 0, 0),
        ("occupation", ["Prof-specialty", "Craft-repair", "Exec-managerial", "Machine-op-inspct"], 0, 0),
        ("relationship", ["Husband", "Not-in-family", "Own-child", "Unmarried"], 0, 0),
        ("race", ["White", "Black", "Asian-Pac-Islander"], 0, 0), ("sex", ["Male", "Female"], 0, 0),
        ("capital_gain", null, 0, 9_999), ("capital_loss", null, 0, 2_000), ("hours_per_week", null, 1, 99),
        ("native_country", ["United-States", "Mexico", "Philippines", "Germany"], 0, 0),
    ];

    /// <summary>Rows and answers, the same in every run.</summary>
    public static (ModelInputs Row, ModelOutputs Answer)[] Create()
    {
        var random = new Random(1);
        var labels = new ClassLabels(["<=50K", ">50K"], ColumnType.Categorical);
        return [.. Enumerable.Range(0, Distinct).Select(_ =>
        {
            var positive = random.NextSingle();
            ModelOutputs answer = new ClassOutputs(labels, [positive > 0.5f ? 1 : 0], new[] { 1 - positive, positive });
            var row = new TableInputs(new Table(Columns.Select(column => Value(column, random))));
            return ((ModelInputs)row, answer);
        })];
    }

    private static Column Value((string Name, string[]? Values, int Least, int Greatest) column, Random random) =>
        column.Values is { } values
            ? CategoricalColumn.FromValues(column.Name, ColumnType.Categorical, [values[random.Next(values.Length)]])
            : new Column<long>(column.Name, ColumnType.Integer, [random.Next(column.Least, column.Greatest)]);
}
