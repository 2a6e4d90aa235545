using System.Collections.Immutable;
using System.Globalization;
using Gyre.Serving.Traffic.Assignment;

namespace Gyre.Serving.Tests.Traffic;

public sealed class AssignmentTests
{
    private static readonly string[] Keys =
        [.. Enumerable.Range(0, 100_000).Select(i => $"user-{i.ToString(CultureInfo.InvariantCulture)}")];

    [Fact]
    public void Of_SameKeyAndSalt_SamePlace_AlsoWhereTheKeyIsLong()
    {
        var key = new string('é', 100_000);
        Assert.Equal(new KeyPoints("s").Of(key), new KeyPoints("s").Of(key));
        Assert.NotEqual(new KeyPoints("s").Of(key), new KeyPoints("t").Of(key));
        Assert.NotEqual(new KeyPoints("s").Of("a"), new KeyPoints("s").Of("b"));
    }

    [Fact]
    public void Of_Keys_FillTheIntervalEvenly()
    {
        var points = new KeyPoints("salt");
        var bins = new int[100];
        foreach (var key in Keys) bins[(int)(points.Of(key) * 100)]++;
        // χ² with 99 degrees of freedom exceeds 149 by chance once in a thousand.
        Assert.InRange(bins.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000), 50, 149);
    }

    [Fact]
    public void Next_Seeded_RepeatsItselfAndFillsTheInterval()
    {
        var (first, second) = (new RandomPoints(7), new RandomPoints(7));
        var bins = new int[100];
        for (var i = 0; i < 100_000; i++)
        {
            var point = first.Next();
            Assert.Equal(point, second.Next());
            bins[(int)(point * 100)]++;
        }

        Assert.InRange(bins.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000), 50, 149);
    }

    [Fact]
    public void Of_ThreeArms_GetTheirShares()
    {
        var arms = Deal("salt", 0.5, 0.3, 0.2);
        // Three standard deviations of a share of 100,000 keys are below 0.005.
        Assert.Equal([0.5, 0.3, 0.2], arms.CountBy(a => a).OrderBy(a => a.Key).Select(a => a.Value / 100_000.0),
            (expected, actual) => Math.Abs(expected - actual) < 0.005);
    }

    [Fact]
    public void Of_WeightRaised_MovesOnlyTheNeededShareAndOnlyToThatArm()
    {
        var (before, after) = (Deal("salt", 1, 1, 1), Deal("salt", 1, 2, 1));
        var moved = Enumerable.Range(0, Keys.Length).Where(i => before[i] != after[i]).ToList();
        Assert.All(moved, i => Assert.Equal(1, after[i]));
        Assert.InRange(moved.Count / (double)Keys.Length, 1 / 2.0 - 1 / 3.0 - 0.005, 1 / 2.0 - 1 / 3.0 + 0.005);
    }

    [Fact]
    public void Of_AnotherSalt_DealsIndependently()
    {
        var (one, other) = (Deal("one", 1, 1), Deal("other", 1, 1));
        Assert.InRange(Keys.Where((_, i) => one[i] == other[i]).Count() / (double)Keys.Length, 0.495, 0.505);
    }

    [Fact]
    public void At_Places_ArmsByTheirWeights()
    {
        var chooser = new ArmChooser("salt", [("a", 3), ("b", 0), ("c", 1)]);
        Assert.Equal([0, 0, 2, 2], new[] { 0.0, 0.7499, 0.75, 0.99999 }.Select(chooser.At));
    }

    private static int[] Deal(string salt, params double[] weights)
    {
        var arms = weights.Select((weight, i) => ($"arm{i}", weight)).ToImmutableArray();
        var chooser = new ArmChooser(salt, arms);
        return [.. Keys.Select(chooser.Of)];
    }
}
