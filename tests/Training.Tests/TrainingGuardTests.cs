using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

public sealed class TrainingGuardTests
{
    private static readonly TrainingContext Context = new();

    [Fact]
    public void Train_OneClassOnly_RefusedWithItsName()
    {
        var set = Synthetic.Set(TaskKind.Binary, 100);
        int[] positive = [.. Enumerable.Range(0, 100).Where(row => set.Target[row] == 1)];

        var error = Assert.Throws<GyreException>(
            () => new LinearTrainer().Train(set.Take(positive), null, Context));

        Assert.Contains("Target 'high' is 'true' in all", error.Message);
        Assert.True(error.IsUserError);
    }

    [Fact]
    public void Train_MoreClassesThanRows_Refused() =>
        Assert.Contains("3 classes but there are 2 rows", Assert.Throws<GyreException>(
            () => new LinearTrainer().Train(Synthetic.Set(TaskKind.Multiclass, 100).Take([0, 1]), null, Context)).Message);

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1e300)]
    public void Train_InfiniteValue_RefusedWithItsRow(double value)
    {
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, [1, double.NaN, value, 2]),
            new Column<double>("y", ColumnType.Numeric, [1, 2, 3, 4]),
        ]);

        var error = Assert.Throws<GyreException>(() => new BoostingTrainer().Train(
            TrainingSet.Create(table, "y", TaskKind.Regression, ["x"]), null, Context));

        Assert.Contains("Column 'x' is infinite (or beyond float32) in row 3", error.Message);
    }

    [Fact]
    public void Train_BeyondTheMemoryLimit_SaysSoFirst()
    {
        var set = Synthetic.Set(TaskKind.Regression, 2000);
        var little = new TrainingContext { MemoryLimit = 10_000 };

        var error = Assert.Throws<GyreException>(() => new BoostingTrainer().Train(set, null, little));

        Assert.Contains("on 2000 rows of 5 features takes about", error.Message);
    }
}
