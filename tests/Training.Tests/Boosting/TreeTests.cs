using Gyre.Numerics;
using Gyre.Tabular;
using Gyre.Training.Boosting;

namespace Gyre.Training.Tests.Boosting;

public sealed class TreeTests
{
    [Fact]
    public void Train_TreesOfAllRows_CoverCountsTheRowsThatPass()
    {
        var set = Synthetic.Set(TaskKind.Regression, 1500);
        var options = new BoostingOptions { Rounds = 4, EarlyStoppingRounds = 0 };
        var pipeline = new BoostingTrainer(options).Train(set, null, new TrainingContext());
        var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(set.Features);
        foreach (var tree in ((BoostedTreesModel)pipeline.Model).Trees)
        {
            var passed = new float[tree.NodeCount];
            for (var i = 0; i < set.RowCount; i++) passed[tree.LeafOf([.. columns.Select(c => c[i])])]++;
            for (var node = tree.NodeCount - 1; node >= 0; node--)
            {
                if (!tree.IsLeaf(node)) passed[node] = passed[tree.Left[node]] + passed[tree.Right[node]];
            }

            Assert.Equal(passed, tree.Cover);
        }
    }

    [Fact]
    public void Predict_Pipeline_SameAsThePlainRuleOfTrees()
    {
        foreach (var task in new[] { TaskKind.Regression, TaskKind.Binary, TaskKind.Multiclass })
        {
            var set = Synthetic.Set(task, 2000);
            var pipeline = new BoostingTrainer(new BoostingOptions { Rounds = 20 }).Train(set, null,
                new TrainingContext());
            var model = (BoostedTreesModel)pipeline.Model;
            var rows = Unseen(700);
            var columns = ((TreePreprocessing)pipeline.Preprocessing).Encode(rows);
            var predictions = pipeline.Predict(rows);
            for (var i = 0; i < rows.RowCount; i++)
            {
                var scores = model.BaseScores.Select(s => (double)s).ToArray();
                var row = columns.Select(c => c[i]).ToArray();
                foreach (var tree in model.Trees) scores[tree.Output] += tree.Value[tree.LeafOf(row)];
                OutputLinks.Apply(model.Link, scores, scores.Length);
                Assert.Equal(scores, predictions.Values.Slice(i * scores.Length, scores.Length).ToArray());
            }
        }
    }

    [Fact]
    public void ToTree_OverValues_RoutesRowsAsOverBins()
    {
        var set = Synthetic.Set(TaskKind.Regression, 3000);
        var context = new TrainingContext();
        var preprocessing = TreePreprocessing.Fit(set, 255);
        var columns = preprocessing.Encode(set.Features);
        var bins = BinnedMatrix.Fit(preprocessing, columns, 64, context);
        var matrix = BinnedMatrix.Create(bins, columns, set.RowCount, context);
        var gradients = new float[2 * set.RowCount];
        for (var i = 0; i < set.RowCount; i++) (gradients[2 * i], gradients[(2 * i) + 1]) = (-(float)set.Target[i], 1);
        var grower = new TreeGrower(matrix, new GrowthRules(new BoostingOptions { MaxLeaves = 64 }), new Workers(1));
        var grown = grower.Grow(null, gradients, null, default);
        var tree = grown.ToTree(0, bins);
        Assert.Contains(tree.CategorySet, s => s >= 0);
        var unseen = preprocessing.Encode(Unseen(2000));
        var unseenMatrix = BinnedMatrix.Create(bins, unseen, 2000, context);
        for (var i = 0; i < 2000; i++)
        {
            var row = unseen.Select(c => c[i]).ToArray();
            Assert.Equal(
                grown.Predict(unseenMatrix.RowMajor.AsSpan(i * unseen.Length, unseen.Length)),
                tree.Value[tree.LeafOf(row)]);
        }
    }

    [Fact]
    public void BinOf_AnyValue_AgreesWithUpperEdges()
    {
        var random = new SeededRandom(5);
        foreach (var distinct in new[] { 1, 2, 10, 254, 255, 256, 3000 })
        {
            var values = new float[5000];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = MathF.Round((float)random.NextNormal() * distinct) / distinct;
                if (random.NextInt(50) == 0) values[i] = float.NaN;
                if (random.NextInt(500) == 0)
                    values[i] = random.NextInt(2) == 0 ? float.PositiveInfinity : float.NegativeInfinity;
            }

            var bins = FeatureBins.ForNumbers(values, 255, 1);
            Assert.InRange(bins.ValueBins, 1, 255);
            foreach (var value in values)
            {
                var bin = bins.BinOf(value);
                if (float.IsNaN(value)) Assert.Equal(bins.MissingBin, bin);
                else for (var b = 0; b < bins.ValueBins; b++) Assert.Equal(value <= bins.UpperEdge(b), bin <= b);
            }
        }
    }

    [Fact]
    public void ForNumbers_FewDistinctValues_EachHasItsBin()
    {
        var bins = FeatureBins.ForNumbers([3, 1, 2, 2, float.NaN, 1], 255, 1);
        Assert.Equal(3, bins.ValueBins);
        Assert.Equal([0, 1, 2, 3], new[] { 1f, 2, 3, float.NaN }.Select(v => (int)bins.BinOf(v)));
        Assert.Equal(1.5f, bins.UpperEdge(0));
    }

    // Plain quantiles would spend 30 bins of 40 on the one value and leave 10 to the 300 others.
    [Fact]
    public void ForNumbers_OneValueIsFrequent_OthersShareTheBinsThatAreLeft()
    {
        float[] values = [.. Enumerable.Repeat(0f, 900), .. Enumerable.Range(1, 300).Select(i => (float)i)];
        var bins = FeatureBins.ForNumbers(values, 40, 1);
        Assert.Equal(40, bins.ValueBins);
        Assert.Equal(0.5f, bins.UpperEdge(0));
        var sizes = values.Skip(900).GroupBy(bins.BinOf).Select(g => g.Count()).ToArray();
        Assert.Equal(39, sizes.Length);
        Assert.InRange(sizes.Max(), 1, 8);
    }

    [Fact]
    public void ForNumbers_FrequentValuesAmongRareOnes_FrequentOnesEndTheirBinAndCrowdNoOther()
    {
        float[] frequent = [100, 250, 251, 400];
        float[] values = [.. Enumerable.Range(0, 500).Select(i => (float)i),
            .. frequent.SelectMany(v => Enumerable.Repeat(v, 200))];
        var bins = FeatureBins.ForNumbers(values, 20, 1);
        Assert.InRange(bins.ValueBins, 18, 20);
        foreach (var v in frequent) Assert.NotEqual(bins.BinOf(v), bins.BinOf(v + 1));
        Assert.NotEqual(bins.BinOf(250), bins.BinOf(251));
        var rare = values.Except(frequent).GroupBy(bins.BinOf).ToArray();
        Assert.All(rare, bin => Assert.InRange(bin.Count(), 1, 40)); // 496 values in 16 bins are 31 each
        var withFrequent = rare.Where(bin => frequent.Any(v => bins.BinOf(v) == bin.Key));
        Assert.All(withFrequent, bin => Assert.InRange(bin.Count(), 1, 16));
    }

    // Rows of other values than any training row: missing, unknown categories, and extremes among them.
    private static Table Unseen(int rows)
    {
        var table = Synthetic.Table(rows, 99);
        var colors = Enumerable.Range(0, rows).Select(i =>
            i % 5 == 0 ? "violet" : ((CategoricalColumn)table["color"]).StringAt(i));
        var a = ((Column<double>)table["a"]).Values.ToArray();
        (a[0], a[1], a[2]) = (1e300, -1e300, 0);
        return table.Without("color", "a").With(
            CategoricalColumn.FromValues("color", ColumnType.Categorical, colors),
            new Column<double>("a", ColumnType.Numeric, a));
    }
}
