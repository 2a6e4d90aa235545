using Gyre.Numerics;
using Gyre.Training.Boosting;

namespace Gyre.Training.Tests.Boosting;

/// <summary>Against a naive search that looks at the rows themselves.</summary>
public sealed class SplitFinderTests
{
    private const int Rows = 300;

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void Find_Numbers_SameGainAsEveryThresholdAndDirectionTried(double missingShare)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SeededRandom(seed);
            var x = Values(random, 25, missingShare);
            var gradients = Gradients(random, x);
            var options = new BoostingOptions { L2 = 0.7, MinChildWeight = 3 };
            var found = Find([x], [FeatureBins.ForNumbers(x, 255, 1)], gradients, options);
            var best = 0.0;
            foreach (var threshold in x.Where(v => !float.IsNaN(v)).Distinct())
            foreach (var missingLeft in new[] { true, false })
                best = Math.Max(best,
                    Gain(row => float.IsNaN(x[row]) ? missingLeft : x[row] <= threshold, gradients, options));
            Assert.Equal(best, found.Gain, 1e-9);
            Assert.Equal(best, Gain(row => found.Left.Contains(FeatureBins.ForNumbers(x, 255, 1).BinOf(x[row])),
                gradients, options), 1e-9);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void Find_Categories_SameGainAsEverySubsetTried(double missingShare)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SeededRandom(seed);
            const int categories = 6;
            var x = Values(random, categories, missingShare);
            var gradients = Gradients(random, x);

            // Without penalties the order by mean gradient holds the best subset (Fisher 1958).
            var options = new BoostingOptions { L2 = 0, CategoryL2 = 0, CategorySmoothing = 0, MinChildWeight = 0 };
            var bins = FeatureBins.ForCategories(categories);
            var found = Find([x], [bins], gradients, options);
            var best = 0.0;
            for (var subset = 1; subset < 1 << (categories + 1); subset++)
                best = Math.Max(best, Gain(row => (subset >> bins.BinOf(x[row]) & 1) != 0, gradients, options));
            Assert.Equal(best, found.Gain, 1e-9);
            Assert.Equal(best, Gain(row => found.Left.Contains(bins.BinOf(x[row])), gradients, options), 1e-9);
        }
    }

    [Fact]
    public void Grow_ByHistogramSubtraction_LeavesHoldTheSumsOfTheirRows()
    {
        var random = new SeededRandom(3);
        float[][] columns = [Values(random, 200, 0.1), Values(random, 7, 0.1), Values(random, 2000, 0)];
        FeatureBins[] bins =
            [FeatureBins.ForNumbers(columns[0], 255, 1), FeatureBins.ForCategories(7),
             FeatureBins.ForNumbers(columns[2], 255, 1)];
        var gradients = Gradients(random, columns[0]);
        var options = new BoostingOptions { MaxLeaves = 24, LearningRate = 0.5 };
        var matrix = BinnedMatrix.Create(bins, columns, Rows, new TrainingContext());
        var tree = new TreeGrower(matrix, new GrowthRules(options), new Workers(1))
            .Grow(null, gradients, null, default).ToTree(0, bins);
        Assert.Equal(24, tree.Feature.Count(f => f == Tree.Leaf));
        foreach (var leaf in Enumerable.Range(0, Rows).GroupBy(r => tree.LeafOf(columns.Select(c => c[r]).ToArray())))
        {
            var (g, h) = (leaf.Sum(r => (double)gradients[2 * r]), leaf.Sum(r => (double)gradients[(2 * r) + 1]));
            Assert.True(h >= options.MinChildWeight);
            Assert.Equal(-0.5 * g / (h + options.L2), tree.Value[leaf.Key], 1e-6);
        }
    }

    [Fact]
    public void Grow_DepthLimited_NoLeafLiesDeeper()
    {
        var random = new SeededRandom(3);
        var x = Values(random, 200, 0.1);
        var bins = FeatureBins.ForNumbers(x, 255, 1);
        var matrix = BinnedMatrix.Create([bins], [x], Rows, new TrainingContext());
        var options = new BoostingOptions { MaxLeaves = 1000, MaxDepth = 3 };
        var grower = new TreeGrower(matrix, new GrowthRules(options), new Workers(1));
        var tree = grower.Grow(null, Gradients(random, x), null, default).ToTree(0, [bins]);
        Assert.Equal(3, Depth(0));

        int Depth(int node) => tree.IsLeaf(node) ? 0 : 1 + Math.Max(Depth(tree.Left[node]), Depth(tree.Right[node]));
    }

    private static SplitCandidate Find(float[][] columns, FeatureBins[] bins, float[] gradients,
        BoostingOptions options)
    {
        var matrix = BinnedMatrix.Create(bins, columns, Rows, new TrainingContext());
        var histogram = new double[2 * matrix.TotalBins];
        new HistogramBuilder(matrix, new Workers(1)).Build(default, true, gradients, histogram);
        var (g, h) = Sums(_ => true, gradients);
        return new SplitFinder(matrix, new GrowthRules(options)).Find(histogram, null, new LeafSums(g, h), null);
    }

    private static double Gain(Func<int, bool> goesLeft, float[] gradients, BoostingOptions options)
    {
        var (g, h) = Sums(_ => true, gradients);
        var (left, weight) = Sums(goesLeft, gradients);
        if (Math.Min(weight, h - weight) < Math.Max(options.MinChildWeight, 1e-9)) return 0;
        double Score(double gradient, double hessian) => gradient * gradient / (hessian + options.L2);
        return 0.5 * (Score(left, weight) + Score(g - left, h - weight) - Score(g, h));
    }

    private static (double Gradient, double Hessian) Sums(Func<int, bool> where, float[] gradients)
    {
        var rows = Enumerable.Range(0, Rows).Where(where).ToArray();
        return (rows.Sum(r => (double)gradients[2 * r]), rows.Sum(r => (double)gradients[(2 * r) + 1]));
    }

    private static float[] Values(SeededRandom random, int distinct, double missingShare)
    {
        var x = new float[Rows];
        for (var i = 0; i < Rows; i++) x[i] = random.NextDouble() < missingShare ? float.NaN : random.NextInt(distinct);
        return x;
    }

    private static float[] Gradients(SeededRandom random, float[] x)
    {
        var gradients = new float[2 * Rows];
        for (var i = 0; i < Rows; i++)
        {
            gradients[2 * i] = (float)(random.NextNormal() + (float.IsNaN(x[i]) ? 0.4 : MathF.Sin(x[i])));
            gradients[(2 * i) + 1] = (float)(0.1 + random.NextDouble());
        }

        return gradients;
    }
}
