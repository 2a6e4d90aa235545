using Gyre.Tabular;

namespace Gyre.Training.Tests.Boosting;

public sealed class GrowthTests
{
    [Theory]
    [InlineData(TaskKind.Regression)]
    [InlineData(TaskKind.Binary)]
    [InlineData(TaskKind.Multiclass)]
    public void Grow_RoomForEveryLeaf_BothPoliciesPredictTheSame(TaskKind task)
    {
        // Where depth alone ends a tree, the order of splits cannot matter.
        var set = Synthetic.Set(task, 4000);
        var byGain = Options(TreeGrowth.Leaf, depth: 4, leaves: 16);
        Assert.Equal(
            Train(set, byGain, 1).Predict(set.Features).Values.ToArray(),
            Train(set, byGain with { Growth = TreeGrowth.Depth }, 1).Predict(set.Features).Values.ToArray());
    }

    [Fact]
    public void Grow_ByDepth_NoLevelBeginsBeforeTheOneAbove()
    {
        var set = Synthetic.Set(TaskKind.Regression, 4000);
        var model = (BoostedTreesModel)Train(set, Options(TreeGrowth.Depth, depth: 0, leaves: 21), 1).Model;
        foreach (var tree in model.Trees)
        {
            Assert.Equal(21, tree.Feature.Count(f => f == Tree.Leaf));
            var depths = new int[tree.NodeCount];
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (!tree.IsLeaf(node)) depths[tree.Left[node]] = depths[tree.Right[node]] = depths[node] + 1;
            }

            Assert.Equal(depths.Order(), depths); // nodes are numbered as they are made
        }
    }

    [Fact]
    public void Grow_ByDepthOnTwoThreads_SameAgainAndAsOnOne()
    {
        var set = Synthetic.Set(TaskKind.Binary, 30_000);
        var options = Options(TreeGrowth.Depth, depth: 6, leaves: 64) with { FeatureShare = 0.8, NodeFeatureShare = 0.7 };
        var first = Train(set, options, 2).Predict(set.Features).Values.ToArray();
        Assert.Equal(first, Train(set, options, 2).Predict(set.Features).Values.ToArray());
        var one = Train(set, options, 1).Predict(set.Features).Values.ToArray();
        for (var i = 0; i < one.Length; i++) Assert.Equal(one[i], first[i], 1e-6);
    }

    [Fact]
    public void Parse_Growth_ReadAndWritten()
    {
        var options = BoostingOptions.Parse(new Dictionary<string, string> { ["growth"] = "depth" });
        Assert.Equal(TreeGrowth.Depth, options.Growth);
        Assert.Equal("depth", new BoostingTrainer(options).Parameters["growth"]);
        Assert.Equal("leaf", new BoostingTrainer().Parameters["growth"]);
    }

    private static BoostingOptions Options(TreeGrowth growth, int depth, int leaves) => new()
    {
        Rounds = 8, Growth = growth, MaxDepth = depth, MaxLeaves = leaves, NodeFeatureShare = 1, EarlyStoppingRounds = 0,
    };

    private static FittedPipeline Train(TrainingSet set, BoostingOptions options, int threads) =>
        new BoostingTrainer(options).Train(set, null, new TrainingContext(5, threads));
}
