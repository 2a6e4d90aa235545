using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

public sealed class TrainingSetTests
{
    private static readonly Table Rows = new(
    [
        new Column<double>("x", ColumnType.Numeric, [1, 2, double.NaN, 4]),
        CategoricalColumn.FromValues("c", ColumnType.Categorical, ["b", "a", null, "b"]),
        CategoricalColumn.FromValues("note", ColumnType.Text, ["u", "v", "w", "x"]),
        new Column<long>("at", ColumnType.Timestamp, [1, 2, 3, 4]),
        CategoricalColumn.FromValues("y", ColumnType.Categorical, ["no", "yes", "no", "yes"]),
        new Column<long>("n", ColumnType.Integer, [10, 9, 10, 9]),
        new Column<bool>("flag", ColumnType.Boolean, [true, false, false, true]),
    ]);

    [Fact]
    public void Create_BinaryText_LaterClassIsPositive()
    {
        var set = TrainingSet.Create(Rows, "y", TaskKind.Binary, ["x", "c"]);
        Assert.Equal(["no", "yes"], set.Classes.ToArray());
        Assert.Equal([0.0, 1, 0, 1], set.Target.ToArray());
        Assert.Equal(["x", "c"], set.Inputs.Select(c => c.Name));
    }

    [Fact]
    public void Create_PositiveClassNamed_ComesLast()
    {
        var set = TrainingSet.Create(Rows, "y", TaskKind.Binary, ["x"], "no");
        Assert.Equal(["yes", "no"], set.Classes.ToArray());
        Assert.Equal([1.0, 0, 1, 0], set.Target.ToArray());
    }

    [Fact]
    public void Create_IntegerAndBooleanClasses_OrderedByValue()
    {
        Assert.Equal(["9", "10"], TrainingSet.Create(Rows, "n", TaskKind.Binary, ["x"]).Classes.ToArray());
        Assert.Equal(["false", "true"], TrainingSet.Create(Rows, "flag", TaskKind.Binary, ["x"]).Classes.ToArray());
    }

    [Fact]
    public void Take_SomeRows_KeepsClassesAndNullability()
    {
        var set = TrainingSet.Create(Rows, "y", TaskKind.Binary, ["x", "c"]).Take([3, 1]);
        Assert.Equal([1.0, 1], set.Target.ToArray());
        Assert.Equal(["no", "yes"], set.Classes.ToArray());
        Assert.True(set.Inputs["x"].Nullable);
    }

    [Theory]
    [InlineData("y", TaskKind.Binary, "at", "Column 'at' cannot be a feature: it is a point in time")]
    [InlineData("y", TaskKind.Binary, "y", "Column 'y' is the target")]
    [InlineData("y", TaskKind.Binary, "z", "no feature column 'z'")]
    [InlineData("q", TaskKind.Binary, "x", "no target column 'q'")]
    [InlineData("c", TaskKind.Binary, "x", "has no value in 1 rows (the first is row 3)")]
    [InlineData("y", TaskKind.Regression, "x", "regression needs numbers")]
    [InlineData("note", TaskKind.Binary, "x", "has 4 classes; a binary task needs exactly 2")]
    public void Create_UnfitColumns_RefusedByName(string target, TaskKind task, string feature, string message)
    {
        var error = Assert.Throws<GyreException>(() => TrainingSet.Create(Rows, target, task, [feature]));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Create_KnownClasses_KeepTheirPositions()
    {
        var set = TrainingSet.Create(Rows, "y", TaskKind.Multiclass, ["x"], classes: ["maybe", "no", "yes"]);
        Assert.Equal([1.0, 2, 1, 2], set.Target.ToArray());
        Assert.Throws<GyreException>(() => TrainingSet.Create(Rows, "y", TaskKind.Multiclass, ["x"], classes: ["yes"]));
    }
}
