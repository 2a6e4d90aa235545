using Gyre.Tabular;
using static Gyre.Monitoring.Tests.ReferenceProfileTests;

namespace Gyre.Monitoring.Tests;

public class DriftCalculatorTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(168)]
    [InlineData(1000)]
    public void Compute_NoDriftManyWindows_MeanIsWhatIsExpected(int rows)
    {
        var random = new Random(7);
        var profile = ReferenceProfile.Create(Numbers(Draw(4000, _ => Normal(random))));

        var drifts = Draw(300, _ => DriftCalculator.Compute(profile, Numbers(Draw(rows, _ => Normal(random)))).Columns[0]);

        // The reference is the same in all windows, so its own chance error does not average out: 25 %.
        Assert.Equal(1, drifts.Average(drift => drift.Psi) / drifts[0].PsiExpected, 0.25);
        Assert.Equal(1, drifts.Average(drift => drift.Wasserstein!.Value) / drifts[0].WassersteinExpected!.Value, 0.25);
        Assert.InRange(drifts.Count(drift => drift.Psi > drift.PsiLimit), 0, 3);
        Assert.DoesNotContain(drifts, drift => drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_ShiftOfOneDeviation_IsDrift()
    {
        var random = new Random(8);
        var profile = ReferenceProfile.Create(Numbers(Draw(4000, _ => Normal(random))));
        var report = DriftCalculator.Compute(profile, Numbers(Draw(200, _ => 1 + Normal(random))));
        Assert.Equal("x", Assert.Single(report.Drifted(0.25, 0.5)).Name);
        Assert.Equal(1, report.Columns[0].Wasserstein!.Value, 0.2);
    }

    [Fact]
    public void Compute_ValuesMoveWithinTheOutermostBin_TheDistanceSeesIt()
    {
        var random = new Random(9);
        var profile = ReferenceProfile.Create(Numbers(Draw(4000, _ => Normal(random))));
        var drift = DriftCalculator.Compute(
            profile, Numbers(Draw(500, _ => Normal(random) is var value && value > 1.9 ? 100 : value))).Columns[0];
        Assert.False(drift.Psi > drift.PsiLimit);
        Assert.True(drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_TooFewRows_IsNeverDrift()
    {
        var profile = ReferenceProfile.Create(Numbers(Draw(4000, i => (double)i)));
        var drift = DriftCalculator.Compute(profile, Numbers(Draw(50, _ => 1e9))).Columns[0];
        Assert.True(drift.PsiCorrected > 1);
        Assert.False(drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_ConstantReference_SeesAnotherConstant()
    {
        var profile = ReferenceProfile.Create(Numbers(Draw(1000, _ => 3.0)));
        Assert.Equal(0, DriftCalculator.Compute(profile, Numbers(Draw(1000, _ => 3.0))).Columns[0].Psi, 1e-9);
        var drift = DriftCalculator.Compute(profile, Numbers(Draw(1000, _ => 2.0))).Columns[0];
        Assert.Null(drift.Wasserstein);
        Assert.True(drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_MissingAppears_IsDrift()
    {
        var profile = ReferenceProfile.Create(Numbers(Draw(1000, i => (double)i)));
        var drift = DriftCalculator.Compute(profile, Numbers(Draw(1000, i => i % 2 == 0 ? i : double.NaN))).Columns[0];
        Assert.Equal((0.5, 0.0), (drift.MissingShare, drift.ReferenceMissingShare));
        Assert.True(drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_NewCategory_CountsAsUnseen()
    {
        var profile = ReferenceProfile.Create(Categories(Draw(1000, i => i % 2 == 0 ? "a" : "b")));
        var drift = DriftCalculator.Compute(profile, Categories(Draw(300, i => i % 3 == 0 ? "new" : "a"))).Columns[0];
        Assert.Equal(1.0 / 3, drift.UnseenShare, 1e-12);
        Assert.Null(drift.Wasserstein);
        Assert.True(drift.IsDrift(0.25, 0.5));
    }

    [Fact]
    public void Compute_CategoriesInAnotherOrder_IsNoDrift()
    {
        var profile = ReferenceProfile.Create(Categories(Draw(1000, i => i % 2 == 0 ? "a" : "b")));
        Assert.Equal(0, DriftCalculator.Compute(profile, Categories(Draw(1000, i => i % 2 == 0 ? "b" : "a"))).Columns[0].Psi, 1e-9);
    }

    [Fact]
    public void Compute_TypesDiffer_Throws()
    {
        var profile = ReferenceProfile.Create(Numbers(Draw(1000, i => (double)i)));
        Assert.Throws<ArgumentException>(() => DriftCalculator.Compute(
            profile, new Table([CategoricalColumn.FromValues("x", ColumnType.Categorical, ["a"])])));
    }

    [Fact]
    public void Compute_EmptyWindow_IsInsufficientAndFinite()
    {
        var profile = ReferenceProfile.Create(Numbers(Draw(1000, i => (double)i)), PredictionColumn.Create(TaskKind.Regression, [], [1]));
        var report = DriftCalculator.Compute(profile, Numbers([]), PredictionColumn.Create(TaskKind.Regression, [], []));
        Assert.False(report.Columns[0].IsSufficient);
        Assert.Equal(0, report.Columns[0].Psi);
        Assert.NotNull(report.Prediction);
    }

    private static Table Categories(string[] values) =>
        new([CategoricalColumn.FromValues("c", ColumnType.Categorical, values)]);
}
