using Gyre.Numerics;
using Gyre.Serving.Traffic.Statistics;

namespace Gyre.Serving.Tests.Traffic;

/// <summary>Seeded simulations: what the test promises about looking all the time.</summary>
public sealed class SequentialTestTests
{
    private const int Tests = 1000;
    private const double Alpha = 0.05;

    // The upper end of what 1,000 tests show when the chance is alpha: 0.05 + 2.6 √(0.05 · 0.95 / 1000).
    private const double HighestShare = 0.068;

    [Theory]
    [InlineData("rare")]
    [InlineData("even")]
    [InlineData("normal")]
    [InlineData("skewed")]
    public void Compare_NoDifference_PeekingAtEveryObservation_FindsOneInAtMostAlpha(string kind)
    {
        var (alarms, naive) = (0, 0);
        var test = new SequentialTest(Alpha, kind == "rare" ? 0.02 : 0.1);
        for (var i = 0; i < Tests; i++)
        {
            var random = SeededRandom.ForStream(11, (ulong)i);
            var (found, foundNaively) = Run(test, 2000, () => Draw(kind, random), () => Draw(kind, random));
            if (found is not null) alarms++;
            if (foundNaively) naive++;
        }

        Assert.InRange(alarms / (double)Tests, 0, HighestShare);
        Assert.True(naive / (double)Tests > 0.3, $"the naive test found {naive}"); // what peeking does to a z-test
    }

    [Fact]
    public void Compare_PlannedDifference_IsFoundWithThePlannedPower_AndSoonerOnAverage()
    {
        const double effect = 0.25;
        var plan = SampleSizePlan.ForMeans(1, effect, 0.8, Alpha);
        var test = new SequentialTest(Alpha, effect);
        var found = new List<int>();
        for (var i = 0; i < Tests; i++)
        {
            var random = SeededRandom.ForStream(12, (ulong)i);
            var (at, _) = Run(test, (int)plan.SequentialPerArm, random.NextNormal, () => random.NextNormal() + effect);
            if (at is { } n) found.Add(n);
        }

        Assert.InRange(found.Count / (double)Tests, 0.77, 1);
        Assert.True(found.Average() < 0.75 * plan.SequentialPerArm);
    }

    [Fact]
    public void Compare_Interval_HoldsTheTruthAtEveryMoment()
    {
        const double truth = 0.2;
        var test = new SequentialTest(Alpha, 0.2);
        var missed = 0;
        for (var i = 0; i < Tests; i++)
        {
            var random = SeededRandom.ForStream(13, (ulong)i);
            var (control, treatment) = (default(RunningMoments), default(RunningMoments));
            for (var n = 0; n < 1000; n++)
            {
                (control, treatment) = (control.Add(random.NextNormal()), treatment.Add(random.NextNormal() + truth));
                var result = test.Compare(control, treatment);
                if (result.Lower <= truth && truth <= result.Upper) continue;
                missed++;
                break;
            }
        }

        Assert.InRange(missed / (double)Tests, 0, HighestShare);
    }

    [Fact]
    public void Compare_TooFewOrAllEqual_SaysNothing()
    {
        var test = new SequentialTest(Alpha, 0.1);
        var few = Of(Enumerable.Repeat(5.0, SequentialTest.MinimumPerArm - 1));
        var zeros = Of(Enumerable.Repeat(0.0, 1000));
        Assert.Equal(1, test.Compare(zeros, few).PValue);
        Assert.Equal(1, test.Compare(zeros, zeros).PValue);
        Assert.Equal(double.PositiveInfinity, test.Compare(zeros, few).Upper);
    }

    [Fact]
    public void PValue_EqualsAlpha_WhereTheIntervalEndsAtZero()
    {
        var test = new SequentialTest(Alpha, 0.3);
        var (control, treatment) = (Of([.. Enumerable.Range(0, 200).Select(i => i % 7.0)]),
            Of([.. Enumerable.Range(0, 150).Select(i => i % 7.0 + 0.8)]));
        var p = test.Compare(control, treatment).PValue;
        var result = new SequentialTest(p, 0.3).Compare(control, treatment);
        Assert.Equal(0, result.Lower, 1e-12);
    }

    [Fact]
    public void Add_Parts_AreTheWhole()
    {
        double[] values = [1e9, 1e9 + 1, 1e9 + 4, -3, 0.5, 1e9 + 2];
        var (whole, parts) = (Of(values), Of(values[..2]).Add(Of(values[2..5])).Add(Of(values[5..])).Add(Of([])));
        Assert.Equal(whole.Mean, parts.Mean, whole.Mean * 1e-12);
        Assert.Equal(whole.Variance, parts.Variance, whole.Variance * 1e-12);
        Assert.Equal(6, parts.Count);
    }

    [Fact]
    public void SequentialCount_AllowedShare_RaisesAnAlarmInAtMostAlpha()
    {
        foreach (var allowed in new[] { 0.01, 0.25 })
        {
            var alarms = Enumerable.Range(0, Tests).Count(i => AlarmAt(allowed, allowed, 3000, (ulong)i) is not null);
            Assert.InRange(alarms / (double)Tests, 0, HighestShare);
        }
    }

    [Fact]
    public void SequentialCount_BrokenChallenger_IsFoundAfterAFewFailures()
    {
        // Only the challenger fails, at 1 % of the requests: each failure is its own.
        Assert.True(SequentialCount.PValueOfMore(2, 0, 0.01) < 0.001);
        // As many failures as its share of the requests: nothing.
        Assert.True(SequentialCount.PValueOfMore(10, 30, 0.25) > 0.5);
        Assert.Equal(1, SequentialCount.PValue(0, 0, 0.5));
    }

    [Fact]
    public void SequentialCount_DoubleShare_IsFound()
    {
        var found = Enumerable.Range(0, 200).Count(i => AlarmAt(0.1, 0.2, 2000, (ulong)i) is not null);
        Assert.InRange(found, 190, 200);
    }

    private static int? AlarmAt(double allowed, double share, int cases, ulong stream)
    {
        var random = SeededRandom.ForStream(14, stream);
        var hits = 0;
        for (var n = 1; n <= cases; n++)
        {
            if (random.NextDouble() < share) hits++;
            if (SequentialCount.PValue(hits, n, allowed) <= Alpha) return n;
        }

        return null;
    }

    private static (int? Found, bool Naive) Run(SequentialTest test, int most, Func<double> control, Func<double> treatment)
    {
        var (first, second) = (default(RunningMoments), default(RunningMoments));
        var naive = false;
        for (var n = 1; n <= most; n++)
        {
            (first, second) = (first.Add(control()), second.Add(treatment()));
            var error = Math.Sqrt((first.Variance + second.Variance) / n);
            naive |= n >= SequentialTest.MinimumPerArm && Math.Abs(second.Mean - first.Mean) > 1.959964 * error;
            if (test.Compare(first, second).PValue <= test.Alpha) return (n, naive);
        }

        return (null, naive);
    }

    private static double Draw(string kind, SeededRandom random) => kind switch
    {
        "rare" => random.NextDouble() < 0.03 ? 1 : 0,
        "even" => random.NextDouble() < 0.5 ? 1 : 0,
        "normal" => random.NextNormal(),
        _ => -Math.Log(1 - random.NextDouble()), // exponential, as squared errors are
    };

    private static RunningMoments Of(IEnumerable<double> values) =>
        values.Aggregate(default(RunningMoments), (moments, value) => moments.Add(value));
}
