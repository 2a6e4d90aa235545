using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Tests.Models;

public sealed class TreeScorerTests
{
    private const int Numbers = 3, Categories = 70;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(33, 1, 64)]
    [InlineData(70, 3, 64)]
    [InlineData(200, 5, 20)]
    public void Add_AnyTrees_SameBitsAsWalkingThem(int count, int outputs, int leaves)
    {
        for (ulong seed = 1; seed <= 6; seed++)
        {
            var random = new SeededRandom(seed);
            ImmutableArray<Tree> trees =
                [.. Enumerable.Range(0, count).Select(i => RandomTree(random, i % outputs, leaves, seed % 2 == 0))];
            var (preprocessing, table) = Rows(random, 515);
            var expected = Sums(preprocessing, table, trees, outputs);
            foreach (var threads in new[] { 1, 3 })
            {
                var (masked, walked) = (new double[expected.Length], new double[expected.Length]);
                MaskedTrees.Of(trees)!.Add(preprocessing, table, masked, outputs, threads); // so few leaves fit
                new FlatTrees(trees).Add(preprocessing, table, walked, outputs, threads);
                Assert.Equal(Bits(expected), Bits(masked));
                Assert.Equal(Bits(expected), Bits(walked));
            }
        }
    }

    [Fact]
    public void Of_TooManyLeaves_IsNullAndTheTreesAreWalked()
    {
        var random = new SeededRandom(3);
        ImmutableArray<Tree> trees = [RandomTree(random, 0, 8, false), RandomTree(random, 0, 65, true)];
        Assert.Null(MaskedTrees.Of(trees));
        var (preprocessing, table) = Rows(random, 100);
        var sums = new double[100];
        new TreeScorer(trees).Add(preprocessing, table, sums, 1, 1);
        Assert.Equal(Bits(Sums(preprocessing, table, trees, 1)), Bits(sums));
    }

    private static long[] Bits(double[] values) => Array.ConvertAll(values, BitConverter.DoubleToInt64Bits);

    private static double[] Sums(TreePreprocessing preprocessing, Table table, ImmutableArray<Tree> trees, int outputs)
    {
        var columns = preprocessing.Encode(table);
        var sums = new double[table.RowCount * outputs];
        for (var row = 0; row < table.RowCount; row++)
        {
            float[] values = [.. columns.Select(c => c[row])];
            foreach (var tree in trees) sums[(row * outputs) + tree.Output] += tree.Value[tree.LeafOf(values)];
        }

        return sums;
    }

    // Values and thresholds meet often, at both zeros and the infinities too; some categories no tree names, some no
    // training row had.
    private static (TreePreprocessing Preprocessing, Table Rows) Rows(SeededRandom random, int rows)
    {
        var columns = Enumerable.Range(0, Numbers).Select(f => (Column)new Column<double>($"n{f}", ColumnType.Numeric,
            [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(8) == 0 ? double.NaN : Number(random))])).ToList();
        var names = Enumerable.Range(0, rows).Select(_ =>
            random.NextInt(10) == 0 ? null : $"c{random.NextInt(Categories + 5)}");
        columns.Add(CategoricalColumn.FromValues("c", ColumnType.Categorical, names));
        var features = Enumerable.Range(0, Numbers).Select(f => new TreeFeature($"n{f}", ColumnType.Numeric, []))
            .Append(new TreeFeature(
                "c", ColumnType.Categorical, [.. Enumerable.Range(0, Categories).Select(c => $"c{c}")]));
        return (new TreePreprocessing([.. features]), new Table(columns));
    }

    private static float Number(SeededRandom random) => random.NextInt(40) switch
    {
        0 => float.PositiveInfinity,
        1 => float.NegativeInfinity,
        2 => -0f,
        3 => 0f,
        _ => (random.NextInt(600) - 300) / 7f,
    };

    // Leaves become splits until there are enough: any of them, or the last made, which is a chain.
    private static Tree RandomTree(SeededRandom random, int output, int leaves, bool chain)
    {
        List<int> feature = [Tree.Leaf], left = [0], right = [0], set = [-1];
        List<float> threshold = [0], value = [(float)random.NextNormal()];
        List<bool> missingLeft = [false];
        List<ImmutableArray<int>> sets = [];
        var open = new List<int> { 0 };
        while (open.Count < leaves)
        {
            var at = chain ? open.Count - 1 : random.NextInt(open.Count);
            var node = open[at];
            open.RemoveAt(at);
            feature[node] = random.NextInt(Numbers + 1);
            missingLeft[node] = random.NextInt(2) == 0;
            if (feature[node] < Numbers) threshold[node] = Number(random);
            else
            {
                set[node] = sets.Count;
                sets.Add([.. Enumerable.Range(0, Categories).Where(_ => random.NextInt(3) == 0)]);
            }

            (left[node], right[node], value[node]) = (feature.Count, feature.Count + 1, 0);
            for (var child = 0; child < 2; child++)
            {
                open.Add(feature.Count);
                feature.Add(Tree.Leaf);
                left.Add(0);
                right.Add(0);
                set.Add(-1);
                threshold.Add(0);
                value.Add((float)random.NextNormal());
                missingLeft.Add(false);
            }
        }

        return new Tree
        {
            Output = output,
            Feature = [.. feature],
            Threshold = [.. threshold],
            Left = [.. left],
            Right = [.. right],
            DefaultLeft = [.. missingLeft],
            CategorySet = [.. set],
            CategorySets = [.. sets],
            Value = [.. value],
            Gain = [.. value.Select(_ => 0f)],
            Cover = [.. value.Select(_ => 1f)],
        };
    }
}
