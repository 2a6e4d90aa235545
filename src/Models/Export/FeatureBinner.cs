using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// Finds in the graph which bin of <see cref="SplitBins"/> a row's value is in: a category by its name, a number by a
/// balanced tree of the feature's thresholds, all features' trees in one node.
/// </summary>
internal static class FeatureBinner
{
    /// <summary>Per wanted feature its bin in the graph, times a number: [N, 1] int64.</summary>
    public static Dictionary<int, string> Write(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing, IEnumerable<ScaledBins> wanted)
    {
        var values = new Dictionary<int, string>();
        var matrix = new FeatureMatrix(math);
        var numbers = new List<(ScaledBins Bins, int Key)>();
        foreach (var bins in wanted)
        {
            var feature = preprocessing.Features[bins.Feature];
            var value = columns.Feature(feature.Name);
            if (!bins.Bins.IsCategorical) numbers.Add((bins, matrix.Add(value, feature.Name)));
            else values.Add(bins.Feature, OfName(math, TextDoor.Value(math, value, feature.Name), feature, bins));
        }

        if (numbers.Count > 0) WriteNumbers(math, matrix, numbers, values);
        return values;
    }

    private static string OfName(GraphMath math, string text, TreeFeature feature, ScaledBins bins) =>
        math.Graph.MlNode("LabelEncoder", [text],
            NodeAttribute.Of("keys_strings", feature.Categories),
            NodeAttribute.Of("values_int64s",
                feature.Categories.Select((_, code) => (long)bins.Bins.BinOf(code) * bins.Scale)),
            NodeAttribute.Of("default_int64", (long)bins.Bins.Missing * bins.Scale));

    private static void WriteNumbers(
        GraphMath math, FeatureMatrix matrix, List<(ScaledBins Bins, int Key)> numbers, Dictionary<int, string> values)
    {
        var (floats, positions) = matrix.Build();
        var trees = numbers.Select((number, target) => BinTree(number.Bins, target)).ToArray();
        var found = math.ToInteger(FloatEnsemble.Write(
            math.Graph, floats, trees, (tree, _) => positions[numbers[tree.Output].Key], tree => tree.Output, trees.Length));
        for (var target = 0; target < trees.Length; target++)
            values.Add(numbers[target].Bins.Feature, trees.Length == 1 ? found : Column(math, found, target));
    }

    private static string Column(GraphMath math, string matrix, int column) => math.Graph.Node("Gather",
        [matrix, math.Graph.Constant(Constants.Of([(long)column], 1))], NodeAttribute.Of("axis", 1L));

    // Its root asks whether there is a number at all: NaN is at most nothing.
    private static Tree BinTree(ScaledBins scaled, int target)
    {
        var bins = scaled.Bins;
        List<int> left = [1], right = [2];
        List<float> threshold = [float.PositiveInfinity, 0, 0], value = [0, 0, bins.Missing * scaled.Scale];
        left.AddRange([0, 0]);
        right.AddRange([0, 0]);
        Split(1, 0, bins.Thresholds.Length);
        return new Tree
        {
            Output = target,
            Feature = [.. left.Select(child => child == 0 ? Tree.Leaf : scaled.Feature)],
            Threshold = [.. threshold],
            Left = [.. left],
            Right = [.. right],
            DefaultLeft = [.. left.Select(_ => false)],
            CategorySet = [.. left.Select(_ => -1)],
            CategorySets = [],
            Value = [.. value],
            Gain = [.. left.Select(_ => 0f)],
            Cover = [.. left.Select(_ => 0f)],
        };

        void Split(int node, int from, int to)
        {
            if (from == to)
            {
                value[node] = from * scaled.Scale;
                return;
            }

            var middle = (from + to) / 2;
            (threshold[node], left[node], right[node]) = (bins.Thresholds[middle], left.Count, left.Count + 1);
            left.AddRange([0, 0]);
            right.AddRange([0, 0]);
            threshold.AddRange([0, 0]);
            value.AddRange([0, 0]);
            var (below, above) = (left[node], right[node]);
            Split(below, from, middle);
            Split(above, middle + 1, to);
        }
    }
}

/// <summary>The bins of a feature and the number by which their positions are multiplied.</summary>
internal readonly record struct ScaledBins(int Feature, SplitBins Bins, int Scale);
