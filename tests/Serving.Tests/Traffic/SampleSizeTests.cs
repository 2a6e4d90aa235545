using System.Globalization;
using Gyre.Fixtures;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Tests.Traffic;

public sealed class SampleSizeTests
{
    public static TheoryData<string, double, double, double, double, double> FromR()
    {
        var cases = new TheoryData<string, double, double, double, double, double>();
        var file = Path.Combine(TestData.Root, "tests", "Serving.Tests", "Golden", "sample-sizes.csv");
        foreach (var line in File.ReadLines(file).Skip(1))
        {
            var cells = line.Split(',');
            var numbers = cells.Skip(1).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            cases.Add(cells[0], numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        }

        return cases;
    }

    // One observation: rounding up; Guenther's correction instead of the noncentral t costs a fraction of one.
    [Theory]
    [MemberData(nameof(FromR))]
    public void PerArm_AsR(string kind, double first, double effect, double power, double alpha, double expected)
    {
        var plan = kind == "share"
            ? SampleSizePlan.ForShares(first, effect, power, alpha)
            : SampleSizePlan.ForMeans(first, effect, power, alpha);
        Assert.InRange(plan.PerArm, Math.Ceiling(expected) - 1, Math.Ceiling(expected) + 1);
        Assert.True(plan.SequentialPerArm > plan.PerArm || plan.PerArm < SequentialTest.MinimumPerArm);
    }

    [Fact]
    public void PerArm_ThreeArms_DividesAlpha() => Assert.Equal(
        SampleSizePlan.ForShares(0.12, 0.01, 0.8, 0.025).PerArm, SampleSizePlan.ForShares(0.12, 0.01, 0.8, 0.05, 3).PerArm);

    [Theory]
    [InlineData(0.12, 0, 0.8, 0.05)]
    [InlineData(0.12, 0.9, 0.8, 0.05)]
    [InlineData(0, 0.1, 0.8, 0.05)]
    [InlineData(0.1, 0.1, 1, 0.05)]
    [InlineData(0.1, 0.1, 0.8, double.NaN)]
    public void ForShares_OutOfRange_IsRefused(double baseline, double effect, double power, double alpha) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleSizePlan.ForShares(baseline, effect, power, alpha));
}
