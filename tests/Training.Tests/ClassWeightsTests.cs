using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests;

public sealed class ClassWeightsTests
{
    [Fact]
    public void Apply_Balanced_EveryClassWeighsTheSame()
    {
        var set = ClassWeights.Balanced.Apply(Synthetic.Set(TaskKind.Multiclass, 500));

        var sums = new double[3];
        for (var row = 0; row < set.RowCount; row++) sums[(int)set.Target[row]] += set.Weights[row];

        // scikit-learn's class_weight="balanced": n / (k n_class).
        Assert.All(sums, sum => Assert.Equal(500 / 3.0, sum, 1e-9));
    }

    [Fact]
    public void Apply_ByClass_MultipliesRowWeights()
    {
        var set = Synthetic.Set(TaskKind.Binary, 50);
        var halves = set.WithWeights([.. Enumerable.Repeat(0.5, 50)]);

        var weighted = ClassWeights.Of(new Dictionary<string, double> { ["true"] = 3 }).Apply(halves);

        for (var row = 0; row < 50; row++) Assert.Equal(set.Target[row] == 1 ? 1.5 : 0.5, weighted.Weights[row]);
    }

    [Fact]
    public void Apply_UnknownClass_NamesThoseThereAre()
    {
        var error = Assert.Throws<GyreException>(() => ClassWeights.Of(
            new Dictionary<string, double> { ["yes"] = 3 }).Apply(Synthetic.Set(TaskKind.Binary, 50)));

        Assert.Contains("'yes'", error.Message);
        Assert.Contains("false, true", error.Message);
    }
}
