using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Search;

namespace Gyre.Training.Tests.Search;

public sealed class EnsembleSelectionTests
{
    [Theory]
    [InlineData(TaskKind.Regression, "rmse")]
    [InlineData(TaskKind.Regression, "mae")]
    [InlineData(TaskKind.Binary, "log_loss")]
    [InlineData(TaskKind.Binary, "roc_auc")]
    [InlineData(TaskKind.Multiclass, "log_loss")]
    [InlineData(TaskKind.Multiclass, "accuracy")]
    public void Select_AnyMetric_TakesTheStepsOfThePlainAlgorithm(TaskKind task, string metric)
    {
        var (plan, models) = Library(task, models: 5, noise: 0.6);

        var counts = EnsembleSelection.Select(new OutOfFoldScore(metric, plan), models, 5, (_, _) => true);

        Assert.Equal(Plain(plan, models, metric), counts);
        Assert.True(counts.Count(c => c > 0) > 1);
    }

    [Fact]
    public void Select_TwoModels_IsAsGoodAsTheBestWeightOfAll()
    {
        var (plan, models) = Library(TaskKind.Regression, models: 2, noise: 1);

        var counts = EnsembleSelection.Select(new OutOfFoldScore("rmse", plan), models, 2, (_, _) => true);

        var best = Enumerable.Range(0, 1001).Min(i => Loss(plan, models, [i, 1000 - i], "rmse"));
        Assert.InRange(Loss(plan, models, counts, "rmse"), best * 0.999999, best * 1.0005);
    }

    [Fact]
    public void Select_FewMembersOrDear_KeepsWithinBoth()
    {
        var (plan, models) = Library(TaskKind.Regression, models: 6, noise: 1);

        var few = EnsembleSelection.Select(new OutOfFoldScore("rmse", plan), models, 2, (_, _) => true);
        var cheap = EnsembleSelection.Select(
            new OutOfFoldScore("rmse", plan), models, 6, (members, next) => members.Append(next).Sum() <= 4);

        Assert.Equal(2, few.Count(c => c > 0));
        Assert.InRange(cheap.Select((c, i) => c > 0 ? i : 0).Sum(), 0, 4);
    }

    [Fact]
    public void Weights_FewRows_AreSpreadOverMoreThanOneSelectionTakes()
    {
        var (plan, models) = Library(TaskKind.Regression, models: 12, noise: 1.5);
        string?[] kinds = [.. models.Select((_, m) => m < 10 ? $"trainer {m % 5}" : null)];

        var weights = EnsembleSelection.Weights("rmse", plan, models, kinds, 8, (_, _) => true, seed: 2);

        Assert.Equal(weights, EnsembleSelection.Weights("rmse", plan, models, kinds, 8, (_, _) => true, seed: 2));
        Assert.NotEqual(weights, EnsembleSelection.Weights("rmse", plan, models, kinds, 8, (_, _) => true, seed: 3));
        Assert.Equal(1, weights.Sum(), 1e-12);
        Assert.InRange(weights.Count(w => w > 0), 2, 8);
        int[] Only(int m) => [.. Enumerable.Range(0, models.Count).Select(i => i == m ? 1 : 0)];
        var single = Enumerable.Range(0, models.Count).Min(m => Loss(plan, models, Only(m), "rmse"));
        Assert.True(Loss(plan, models, [.. weights.Select(w => (int)Math.Round(w * 10_000))], "rmse") < single);
        var dear = EnsembleSelection.Weights("rmse", plan, models, kinds, 8, (members, next) => members.Append(next).Sum() <= 6, seed: 2);
        Assert.InRange(dear.Select((w, m) => w > 0 ? m : 0).Sum(), 0, 6);
    }

    [Fact]
    public void Predict_Ensemble_IsTheWeightedMeanOfItsMembers()
    {
        var set = Synthetic.Set(TaskKind.Multiclass, 200);
        var context = new TrainingContext(1);
        var linear = new LinearTrainer().Train(set, null, context);
        var boosting = new BoostingTrainer(new BoostingOptions { Rounds = 5 }).Train(set, null, context);

        var both = EnsembleTrainer.Combine(set, [(linear, 0.25f), (boosting, 0.75f)]).Predict(set.Features).Values;

        var a = linear.Predict(set.Features).Values;
        var b = boosting.Predict(set.Features).Values;
        for (var i = 0; i < both.Length; i++) Assert.Equal((0.25 * a[i]) + (0.75 * b[i]), both[i], 1e-15);
        Assert.Throws<ArgumentException>(() => EnsembleTrainer.Combine(set, [(linear, 0)]));
        Assert.Throws<ArgumentException>(() => EnsembleTrainer.Combine(set, []));
    }

    [Fact]
    public void Predict_MemberThatExtrapolates_IsHeldNearTheTargets()
    {
        var set = Synthetic.Set(TaskKind.Regression, 200);
        var linear = new LinearTrainer().Train(set, null, new TrainingContext(1));
        var (low, high) = (set.Target.ToArray().Min(), set.Target.ToArray().Max());
        var far = new Column<double>("b", ColumnType.Numeric, [.. Enumerable.Repeat(1e6, set.RowCount)]);
        var strange = new Table([.. set.Features.Columns.Select(column => column.Name == "b" ? far : column)]);
        Assert.True(linear.Predict(strange).Values.ToArray().Max(Math.Abs) > 100 * (high - low));

        var held = EnsembleTrainer.Combine(set, [(linear, 1f)]).Predict(strange).Values.ToArray();

        var more = 0.1 * (high - low);
        Assert.All(held, value => Assert.InRange(value, low - more, high + more));
    }

    /// <summary>Models that each see the target through a noise and a bias of their own.</summary>
    private static (FoldPlan Plan, List<float[]> Models) Library(TaskKind task, int models, double noise)
    {
        var set = Synthetic.Set(task, 600);
        var plan = FoldPlan.Of(set, null, 3, seed: 1);
        var random = new SeededRandom(5);
        var library = new List<float[]>();
        for (var m = 0; m < models; m++)
        {
            var values = new float[plan.Tested.Length * plan.Outputs];
            for (var i = 0; i < plan.Tested.Length; i++)
            {
                var scores = new double[plan.Outputs];
                for (var k = 0; k < scores.Length; k++)
                {
                    var truth = task == TaskKind.Multiclass ? (plan.Target[i] == k ? 1 : 0) : plan.Target[i];
                    scores[k] = truth + ((m - 1) * 0.1) + (noise * random.NextNormal());
                }

                if (task == TaskKind.Binary) scores[0] = 1 / (1 + Math.Exp(-(4 * scores[0]) + 2));
                if (task == TaskKind.Multiclass) OutputLinks.Softmax(scores);
                for (var k = 0; k < scores.Length; k++) values[(i * scores.Length) + k] = (float)scores[k];
            }

            library.Add(values);
        }

        return (plan, library);
    }

    private static int[] Plain(FoldPlan plan, List<float[]> models, string metric)
    {
        var counts = new int[models.Count];
        var (best, least) = ((int[])counts.Clone(), double.PositiveInfinity);
        for (var step = 0; step < EnsembleSelection.Additions; step++)
        {
            var losses = Enumerable.Range(0, models.Count)
                .Select(m => Loss(plan, models, [.. counts.Select((c, i) => i == m ? c + 1 : c)], metric)).ToArray();
            var next = Array.IndexOf(losses, losses.Min());
            counts[next]++;
            if (losses[next] >= least) continue;
            (best, least) = ((int[])counts.Clone(), losses[next]);
        }

        return best;
    }

    private static double Loss(FoldPlan plan, List<float[]> models, int[] counts, string metric)
    {
        var mean = new double[models[0].Length];
        for (var m = 0; m < counts.Length; m++)
        for (var i = 0; i < mean.Length; i++) mean[i] += counts[m] * (double)models[m][i];
        for (var i = 0; i < mean.Length; i++) mean[i] *= 1.0 / counts.Sum();
        var value = Metrics.Compute(metric, plan.Target, new Predictions(plan.Task, plan.Outputs, mean));
        return Metrics.HigherIsBetter(metric) ? -value : value;
    }
}
