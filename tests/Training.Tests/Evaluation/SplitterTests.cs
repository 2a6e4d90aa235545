using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Evaluation;

public sealed class SplitterTests
{
    [Theory]
    [InlineData(SplitKind.Random)]
    [InlineData(SplitKind.Stratified)]
    public void HoldOut_AtRandom_PartsAllRowsBySeed(SplitKind kind)
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 1000);
        var split = Splitter.HoldOut(set, kind, 0.2, null, seed: 5);
        Assert.Equal(Enumerable.Range(0, 1000), split.Train.Concat(split.Test).Order());
        Assert.InRange(split.Test.Length, 198, 202);
        Assert.Equal(split.Test, Splitter.HoldOut(set, kind, 0.2, null, seed: 5).Test);
        Assert.NotEqual(split.Test, Splitter.HoldOut(set, kind, 0.2, null, seed: 6).Test);
    }

    [Fact]
    public void HoldOut_Stratified_KeepsShares()
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 997);
        var test = set.Take(Splitter.HoldOut(set, SplitKind.Stratified, 0.3, null, 1).Test);
        for (var k = 0; k < 3; k++)
        {
            var all = set.Target.ToArray().Count(t => t == k);
            Assert.InRange(test.Target.ToArray().Count(t => t == k), (all * 0.3) - 1, (all * 0.3) + 1);
        }
    }

    [Theory]
    [InlineData(SplitKind.Random, 0.2)]
    [InlineData(SplitKind.Stratified, 0.2)]
    [InlineData(SplitKind.Stratified, 0.07)]
    [InlineData(SplitKind.Random, 0.85)]
    public void HoldOut_RowsAppended_OlderRowsStayOnTheirSide(SplitKind kind, double share)
    {
        var all = Synthetic.Set(TaskKind.Multiclass, 1500);
        var whole = Splitter.HoldOut(all, kind, share, null, seed: 3);
        foreach (var rows in new[] { 400, 517, 1001, 1499 })
        {
            var older = all.Take([.. Enumerable.Range(0, rows)]);
            Assert.Equal(whole.Test.Where(row => row < rows), Splitter.HoldOut(older, kind, share, null, seed: 3).Test);
        }
    }

    [Fact]
    public void HoldOut_RareClass_ItsFirstRowIsLearntFrom()
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 200);
        var first = Enumerable.Range(0, 3).Select(k => set.Target.IndexOf((double)k)).ToArray();
        for (var seed = 0ul; seed < 50; seed++)
            Assert.Empty(Splitter.HoldOut(set, SplitKind.Stratified, 0.5, null, seed).Test.Intersect(first));
    }

    [Fact]
    public void HoldOut_Time_TestsOnTheFutureAndKeepsMomentsTogether()
    {
        var set = Synthetic.Set(TaskKind.Regression, 100);
        var time = new Column<long>("at", ColumnType.Timestamp,
            [.. Enumerable.Range(0, 100).Select(i => (long)((99 - i) / 7))]);
        var split = Splitter.HoldOut(set, SplitKind.Time, 0.2, time, 1);
        Assert.Equal(100, split.Train.Length + split.Test.Length);
        Assert.True(split.Train.Max(r => time.Values[r]) < split.Test.Min(r => time.Values[r]));
        Assert.InRange(split.Test.Length, 13, 27);
    }

    [Theory]
    [InlineData(SplitKind.Random)]
    [InlineData(SplitKind.Stratified)]
    public void Folds_AtRandom_TestEachRowOnce(SplitKind kind)
    {
        var folds = Splitter.Folds(Synthetic.Set(TaskKind.Binary, 103), kind, 5, null, 1);
        Assert.Equal(Enumerable.Range(0, 103), folds.SelectMany(f => f.Test).Order());
        Assert.All(folds, f => Assert.Empty(f.Train.Intersect(f.Test)));
        Assert.All(folds, f => Assert.InRange(f.Test.Length, 20, 21));
    }

    [Fact]
    public void Folds_Time_LearnOnlyFromThePast()
    {
        var set = Synthetic.Set(TaskKind.Regression, 60);
        var time = new Column<double>("at", ColumnType.Numeric,
            [.. Enumerable.Range(0, 60).Select(i => (double)(i * 37 % 60))]);
        var folds = Splitter.Folds(set, SplitKind.Time, 4, time, 1);
        Assert.Equal(4, folds.Length);
        Assert.All(folds, f => Assert.True(f.Train.Max(r => time.Values[r]) < f.Test.Min(r => time.Values[r])));
        Assert.All(folds, f => Assert.Equal(12, f.Test.Length));
        Assert.Equal([12, 24, 36, 48], folds.Select(f => f.Train.Length));
    }

    [Fact]
    public void TimeSplits_WithoutUsableTimes_Refused()
    {
        var set = Synthetic.Set(TaskKind.Regression, 10);
        var same = new Column<long>("at", ColumnType.Timestamp, new long[10]);
        Assert.Throws<GyreException>(() => Splitter.HoldOut(set, SplitKind.Time, 0.2, null, 1));
        Assert.Throws<GyreException>(() => Splitter.HoldOut(set, SplitKind.Time, 0.2, same, 1));
        Assert.Throws<GyreException>(() => Splitter.Folds(set, SplitKind.Time, 3, same, 1));
        Assert.Throws<GyreException>(() => Splitter.Folds(set, SplitKind.Random, 11, null, 1));
    }

    [Fact]
    public void CrossValidation_Folds_PredictEachRowByAModelThatHasNotSeenIt()
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 300);
        var folds = Splitter.Folds(set, SplitKind.Stratified, 3, null, 1);
        var result = new CrossValidation(new LinearTrainer(), folds).Run(set, new TrainingContext());
        Assert.Equal(3, result.Folds.Length);
        Assert.DoesNotContain(result.OutOfFold.Values.ToArray(), double.IsNaN);
        var accuracy = result.Metrics["accuracy"];
        Assert.Equal(result.Folds.Average(f => f.Metrics["accuracy"]), accuracy.Mean, 1e-12);
        // folds are of one size
        Assert.Equal(Metrics.Compute("accuracy", set.Target, result.OutOfFold), accuracy.Mean, 1e-12);
        Assert.True(accuracy.StandardDeviation > 0);
    }

    [Fact]
    public void PermutationImportance_KnownSignal_RanksIt()
    {
        var set = Synthetic.Set(TaskKind.Regression, 3000);
        var model = new BoostingTrainer(new BoostingOptions { Rounds = 60 }).Train(set, null, new TrainingContext());
        var test = Synthetic.Set(TaskKind.Regression, 1000, seed: 2);
        var importance = PermutationImportance.Compute(model, test, "rmse", seed: 1);
        Assert.Equal("a", importance[0].Feature);
        Assert.Equal("color", importance[1].Feature);
        Assert.Equal(Synthetic.Features.Order(), importance.Select(i => i.Feature).Order());
        Assert.Equal(importance.ToArray(), PermutationImportance.Compute(model, test, "rmse", seed: 1).ToArray());
    }
}
