using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Tests.Golden;

namespace Gyre.Training.Tests.Explanation;

public sealed class TreeShapTests
{
    [Fact]
    public void Explain_TreesOfXgboost_SameContributions()
    {
        var golden = GoldenFile.Read("shap.json");
        var columns = golden.GetProperty("columns").EnumerateArray()
            .Select(c => c.EnumerateArray().Select(GoldenFile.Number).ToArray()).ToArray();
        var rows = new Table(columns.Select((c, f) => new Column<double>($"f{f}", ColumnType.Numeric, c)));
        var preprocessing = new TreePreprocessing(
            [.. rows.Columns.Select(c => new TreeFeature(c.Name, ColumnType.Numeric, []))]);
        foreach (var test in golden.GetProperty("cases").EnumerateArray())
        {
            var trees = test.GetProperty("trees").EnumerateArray().Select(ReadTree).ToImmutableArray();
            var model = new BoostedTreesModel(
                trees, [.. Enumerable.Repeat(BaseScore(test), trees.Max(t => t.Output) + 1)], OutputLink.Identity);
            var explanation = TreeShap.Explain(model, preprocessing, rows);
            var (expected, margins) = (test.Numbers("contributions"), test.Numbers("margins"));
            var width = columns.Length + 1; // XGBoost writes the base value behind the features
            for (var i = 0; i < margins.Length; i++)
            {
                var (row, k) = (i / model.BaseScores.Length, i % model.BaseScores.Length);
                var ours = explanation.Of(row, k).ToArray().Append(explanation.BaseValues[k]).ToArray();
                for (var f = 0; f < width; f++) // XGBoost sums in float32
                    Assert.True(Math.Abs(expected[(i * width) + f] - ours[f]) < 2e-5, $"{test.GetProperty("name")} {i} {f}");
                Assert.Equal(margins[i], explanation.Score(row, k), 2e-5);
            }
        }
    }

    [Fact]
    public void Explain_CategoriesAndMissing_SameAsAverageOverAllOrders()
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Multiclass })
        {
            var set = Synthetic.Set(task, 600);
            var options = new BoostingOptions { Rounds = 3, MaxLeaves = 12, EarlyStoppingRounds = 0 };
            var pipeline = new BoostingTrainer(options).Train(set, null, new TrainingContext());
            var (model, rows) = ((BoostedTreesModel)pipeline.Model, Synthetic.Table(25, seed: 3));
            Assert.Contains(model.Trees, tree => tree.CategorySets.Length > 0);
            var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(rows);
            var explanation = TreeShap.Explain(pipeline, rows);
            for (var i = 0; i < rows.RowCount; i++)
            {
                var row = columns.Select(c => c[i]).ToArray();
                for (var k = 0; k < model.BaseScores.Length; k++)
                {
                    double Worth(uint known) => model.BaseScores[k]
                        + model.Trees.Where(t => t.Output == k).Sum(tree => Expected(tree, 0, row, known));
                    var brute = Shapley(row.Length, Worth);
                    for (var f = 0; f < row.Length; f++) Assert.Equal(brute[f], explanation.Of(i, k)[f], 1e-12);
                    Assert.Equal(Worth(0), explanation.BaseValues[k], 1e-12);
                }
            }
        }
    }

    [Fact]
    public void Explain_AnyRows_AddsUpToThePrediction()
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass })
        {
            var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 60 })
                .Train(Synthetic.Set(task, 3000), null, new TrainingContext(Threads: 2));
            var rows = Synthetic.Table(2500, seed: 5); // more than two blocks
            var explanation = TreeShap.Explain(pipeline, rows, threads: 2);
            var predictions = pipeline.Predict(rows);
            var scores = new double[predictions.Outputs];
            for (var i = 0; i < rows.RowCount; i++)
            {
                for (var k = 0; k < scores.Length; k++) scores[k] = explanation.Score(i, k);
                OutputLinks.Apply(explanation.Link, scores, scores.Length);
                for (var k = 0; k < scores.Length; k++)
                    Assert.Equal(predictions.Values[(i * scores.Length) + k], scores[k], 1e-9);
            }

            Assert.Equal(TreeShap.Explain(pipeline, rows).Contributions, explanation.Contributions);
        }
    }

    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Explain_Forest_SameAsAverageOverAllOrdersAndAddsUpToThePrediction(TaskKind task)
    {
        var pipeline = Train("random_forest", Synthetic.Set(task, 400), ("trees", "7"), ("max_depth", "6"));
        var (forest, rows) = ((ForestModel)pipeline.Model, Synthetic.Table(12, seed: 3));
        var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(rows);
        var (explanation, predictions) = (TreeShap.Explain(pipeline, rows, threads: 2), pipeline.Predict(rows));
        Assert.Equal(OutputLink.Identity, explanation.Link);
        for (var i = 0; i < rows.RowCount; i++)
        {
            var row = columns.Select(c => c[i]).ToArray();
            for (var k = 0; k < forest.Outputs; k++)
            {
                Assert.Equal(predictions.Values[(i * forest.Outputs) + k], explanation.Score(i, k), 1e-9);
                double Leaf(int tree, int node)
                {
                    var sums = new double[forest.Outputs];
                    forest.Means[tree].AddTo(sums, node);
                    return sums[k];
                }

                double Worth(uint known) => Enumerable.Range(0, forest.Trees.Length)
                    .Average(t => Expected(forest.Trees[t], 0, row, known, node => Leaf(t, node)));
                var brute = Shapley(row.Length, Worth);
                for (var f = 0; f < row.Length; f++) Assert.Equal(brute[f], explanation.Of(i, k)[f], 1e-12);
                Assert.Equal(Worth(0), explanation.BaseValues[k], 1e-12);
            }
        }
    }

    [Fact]
    public void Explain_DeepForestOfManyLeaves_AddsUpToThePrediction()
    {
        // More leaves than are explained at a time.
        var pipeline = Train("extra_trees", Synthetic.Set(TaskKind.Binary, 1500), ("trees", "80"), ("min_leaf_rows", "1"));
        var forest = (ForestModel)pipeline.Model;
        Assert.True(forest.Trees.Sum(t => t.NodeCount / 2) > 22_000);
        var rows = Synthetic.Table(3, seed: 5);
        var (explanation, predictions) = (TreeShap.Explain(pipeline, rows), pipeline.Predict(rows));
        for (var i = 0; i < rows.RowCount; i++) Assert.Equal(predictions.Values[i], explanation.Score(i), 1e-9);
    }

    [Fact]
    public void Explain_TransformedModel_ByTheColumnsThatTheTreesSee()
    {
        var set = Synthetic.Set(TaskKind.Regression, 500);
        var settings = new TransformSettings("shape", TransformKind.Pca, ["a", "b"], 2);
        var trainer = TransformingTrainer.Wrap(new BoostingTrainer(new BoostingOptions { Rounds = 10 }), [settings]);
        var pipeline = trainer.Train(set, null, new TrainingContext());
        var rows = Synthetic.Table(20, seed: 4);
        var (explanation, predictions) = (TreeShap.Explain(pipeline, rows), pipeline.Predict(rows));
        Assert.Contains("shape_1", explanation.Features);
        for (var i = 0; i < rows.RowCount; i++) Assert.Equal(predictions.Values[i], explanation.Score(i), 1e-9);
        var test = Synthetic.Set(TaskKind.Regression, 60, seed: 6);
        var shap = Evaluator.Evaluate(EvaluationInput.Of(pipeline, test), new EvaluationOptions()).Shap;
        Assert.Equal(60 * explanation.Features.Length, shap?.Places.Length);
        Assert.Null(Evaluator.Evaluate(EvaluationInput.Of(pipeline, test), new EvaluationOptions { ShapSteps = 100 }).Shap);
    }

    [Fact]
    public void Explain_Ensemble_RefersToTheEstimate()
    {
        var set = Synthetic.Set(TaskKind.Regression, 100);
        var member = new EnsembleMember(Train("random_forest", set, ("trees", "2")), 1);
        var pipeline = new FittedPipeline(set, NoPreprocessing.Instance, new EnsembleModel([member]));
        Assert.False(TreeShap.CanExplain(pipeline));
        var error = Assert.Throws<GyreException>(() => TreeShap.Explain(pipeline, set.Features));
        Assert.Contains("EnsembleModel. SamplingShap estimates", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_LinearModel_IsRefused()
    {
        var set = Synthetic.Set(TaskKind.Regression, 100);
        var pipeline = Train("linear", set);
        Assert.False(TreeShap.CanExplain(pipeline));
        var error = Assert.Throws<GyreException>(() => TreeShap.Explain(pipeline, set.Features));
        Assert.Contains("LinearModel", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SamplingShap_OfAnyModel_NearsTheExactValuesAndAddsUp()
    {
        var rows = Synthetic.Table(60, 8);
        static Predictions Model(Table table)
        {
            var (b, flag, color) = ((Column<double>)table["b"], (Column<bool>)table["flag"], (CategoricalColumn)table["color"]);
            return new Predictions(TaskKind.Regression, 1, [.. Enumerable.Range(0, table.RowCount)
                .Select(i => (3 * b.Values[i] * (flag.Values[i] ? 2 : 1)) + (color.StringAt(i) == "red" ? 5 : 0))]);
        }

        ImmutableArray<string> columns = ["b", "flag", "color"];
        var estimate = SamplingShap.Explain(Model, rows, columns, pairs: 2000);
        Assert.Equal(estimate.Prediction, estimate.BaseValue + estimate.Contributions.Sum(), 1e-9);
        Assert.Equal(Model(rows.Take([0])).Values[0], estimate.Prediction, 1e-12);
        int[] background = [.. Enumerable.Range(1, 59)];
        var exact = Shapley(3, known =>
        {
            var mixed = new Table(rows.Columns.Select(c => columns.IndexOf(c.Name) is var at and >= 0 && (known >> at & 1) != 0
                ? c.Take(new int[background.Length]) : c.Take(background)));
            return Model(mixed).Values.ToArray().Average();
        });
        for (var c = 0; c < 3; c++)
            Assert.InRange(estimate.Contributions[c] - exact[c], -5 * estimate.StandardErrors[c] - 1e-9, 5 * estimate.StandardErrors[c] + 1e-9);
    }

    private static FittedPipeline Train(string trainer, TrainingSet set, params (string Name, string Value)[] options) =>
        TrainerFactory.Create(trainer, options.ToImmutableDictionary(o => o.Name, o => o.Value), set.Task)
            .Train(set, null, new TrainingContext());

    // The mean over a tree's leaves when only some features are known (the paper's algorithm 1).
    private static double Expected(Tree tree, int node, float[] row, uint known, Func<int, double>? value = null)
    {
        if (tree.IsLeaf(node)) return value is null ? tree.Value[node] : value(node);
        var (left, right) = (tree.Left[node], tree.Right[node]);
        if ((known >> tree.Feature[node] & 1) != 0)
            return Expected(tree, tree.GoesLeft(node, row[tree.Feature[node]]) ? left : right, row, known, value);
        return ((tree.Cover[left] * Expected(tree, left, row, known, value))
            + (tree.Cover[right] * Expected(tree, right, row, known, value))) / (tree.Cover[left] + (double)tree.Cover[right]);
    }

    private static double[] Shapley(int players, Func<uint, double> worth)
    {
        var worths = Enumerable.Range(0, 1 << players).Select(s => worth((uint)s)).ToArray();
        double Factorial(int n) => n < 2 ? 1 : n * Factorial(n - 1);
        var values = new double[players];
        for (var set = 0u; set < worths.Length; set++)
        {
            var size = BitOperations.PopCount(set);
            for (var i = 0; i < players; i++)
            {
                if ((set >> i & 1) != 0) continue;
                values[i] += Factorial(size) * Factorial(players - size - 1) / Factorial(players)
                    * (worths[set | 1u << i] - worths[set]);
            }
        }

        return values;
    }

    // XGBoost goes left below the threshold, a tree of ours at it too: the next lower float32 is the same split.
    private static Tree ReadTree(JsonElement json)
    {
        int[] Whole(string name) => [.. json.Numbers(name).Select(v => (int)v)];
        var (left, feature, condition) = (Whole("left"), Whole("feature"), json.Numbers("condition"));
        bool Leaf(int node) => left[node] < 0;
        ImmutableArray<T> Nodes<T>(Func<int, T> part) => [.. Enumerable.Range(0, left.Length).Select(part)];
        var (right, missing, cover) = (Whole("right"), Whole("default_left"), json.Numbers("cover"));
        return new Tree
        {
            Output = json.GetProperty("output").GetInt32(),
            Feature = Nodes(n => Leaf(n) ? Tree.Leaf : feature[n]),
            Threshold = Nodes(n => Leaf(n) ? 0 : MathF.BitDecrement((float)condition[n])),
            Left = Nodes(n => Math.Max(left[n], 0)),
            Right = Nodes(n => Math.Max(right[n], 0)),
            DefaultLeft = Nodes(n => !Leaf(n) && missing[n] != 0),
            CategorySet = Nodes(_ => -1),
            CategorySets = [],
            Value = Nodes(n => Leaf(n) ? (float)condition[n] : 0),
            Gain = Nodes(_ => 0f),
            Cover = Nodes(n => (float)cover[n]),
        };
    }

    // XGBoost's base_score of one half is a log-odds of 0 for a binary task.
    private static float BaseScore(JsonElement test) => test.GetProperty("name").GetString() == "binary" ? 0 : 0.5f;
}
