using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Monitoring.Tests;

public class ReferenceProfileTests
{
    [Fact]
    public void FromJson_OfToJson_GivesTheSameDrift()
    {
        var random = new Random(3);
        var table = new Table(
        [
            new Column<double>("x", ColumnType.Numeric, Draw(1000, _ => random.NextDouble() < 0.1 ? double.NaN : random.NextDouble())),
            new Column<long>("n", ColumnType.Integer, Draw(1000, i => (long)i % 7)),
            new Column<bool>("b", ColumnType.Boolean, Draw(1000, i => i % 3 == 0)),
            CategoricalColumn.FromValues("c", ColumnType.Categorical, Draw(1000, i => i % 5 == 0 ? null : $"k{i % 80}")),
            new Column<double>("empty", ColumnType.Numeric, Draw(1000, _ => double.NaN)),
            CategoricalColumn.FromValues("id", ColumnType.Id, Draw(1000, i => $"{i}")),
            new Column<long>("t", ColumnType.Timestamp, Draw(1000, i => (long)i)),
        ]);
        var profile = ReferenceProfile.Create(table, PredictionColumn.Create(TaskKind.Regression, [], [1, 2, 3]));

        var again = ReferenceProfile.FromJson(profile.ToJson());

        Assert.Equal(["x", "n", "b", "c", "empty"], again.Columns.Select(column => column.Name));
        Assert.Equal(profile.ToJson(), again.ToJson());
        var window = table.Take([.. Enumerable.Range(0, 200)]);
        Assert.Equal(
            DriftCalculator.Compute(profile, window).Columns.AsEnumerable(),
            DriftCalculator.Compute(again, window).Columns.AsEnumerable());
        Assert.Equal(50, again.Columns[3].Categories!.Names.Length);
        Assert.Equal(800, again.Columns[3].Categories!.Counts.Sum() + again.Columns[3].Categories!.Other);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"rows":1,"columns":[{"name":"x","type":"numeric","rows":1,"missing":0}]}""")]
    public void FromJson_NoProfile_SaysSo(string json) =>
        Assert.Throws<GyreException>(() => ReferenceProfile.FromJson(json));

    [Fact]
    public void Create_ManyValues_SketchIsCloseToTheSample()
    {
        var random = new Random(5);
        var reference = Draw(20_000, _ => Math.Exp(Normal(random)));
        var window = Draw(5_000, _ => Math.Exp(0.2 + Normal(random)));
        var profile = ReferenceProfile.Create(Numbers(reference));

        var drift = DriftCalculator.Compute(profile, Numbers(window)).Columns[0];

        Array.Sort(reference);
        Array.Sort(window);
        var exact = Wasserstein.Distance(reference, Ones(reference.Length), window, Ones(window.Length))
            / profile.Columns[0].Numbers!.StandardDeviation;
        // Means of 200 slices stand for 20,000 values: the loss is inside a slice, far below a threshold's scale.
        Assert.Equal(exact, drift.Wasserstein!.Value, 0.01);
        Assert.Equal(200, profile.Columns[0].Numbers!.SketchValues.Length);
    }

    internal static Table Numbers(double[] values) => new([new Column<double>("x", ColumnType.Numeric, [.. values])]);

    internal static T[] Draw<T>(int count, Func<int, T> draw) => [.. Enumerable.Range(0, count).Select(draw)];

    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[] Ones(int count) => Draw(count, _ => 1.0);
}
