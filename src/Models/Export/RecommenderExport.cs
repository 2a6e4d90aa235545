using System.Collections.Immutable;
using System.Globalization;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Tabular;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Writes a recommender: the user's code, scores of all items, those that the user has had taken out, and the best of
/// the
/// rest. Scores are computed in float64 and rounded to float32 before they are compared, as in training, so that both
/// order items alike; equal ones keep the order of the items' codes (which TopK promises).
/// </summary>
internal static class RecommenderExport
{
    /// <summary>String [N, top]: ids of items, best first; empty where no item is left.</summary>
    public const string Items = "items";

    /// <summary>Float [N, top].</summary>
    public const string Scores = "scores";

    public static void Write(
        GraphMath math, RawColumns columns, RecommenderPreprocessing preprocessing, RecommenderModel model)
    {
        var graph = math.Graph;
        var user = Code(math, columns, preprocessing.Users);
        var scores = graph.Cast(AllScores(math, model.Ranking, user), Kind.Float);
        var (best, codes) = graph.NodePair("TopK", [WithoutSeen(graph, model, user, scores), Whole(graph, model.Top)],
            NodeAttribute.Of("axis", 1L));
        var none = graph.Constant(Constants.Of([Recommendations.NoScore], 1, 1));
        var shown = graph.Node("Where", [graph.Node("Greater", [best, none]), codes, math.Integer(model.ItemCount)]);
        var names = graph.Constant(Constants.Of([.. preprocessing.Items.Ids, ""], model.ItemCount + 1));
        graph.Output(graph.Node("Gather", [names, shown]), Items, Kind.String, model.Top);
        graph.Output(best, Scores, Kind.Float, model.Top);
        if (model.Ratings is not { } ratings) return;
        var rating = Rating(math, ratings, user, Code(math, columns, preprocessing.Items));
        graph.Output(graph.Cast(rating, Kind.Float), OutputWriter.Prediction, Kind.Float, 1);
    }

    /// <summary>int64 [N]: the position of each row's id, the number of ids where it is unknown or missing.</summary>
    private static string Code(GraphMath math, RawColumns columns, RecommenderColumn ids)
    {
        var graph = math.Graph;
        var value = columns.Value(ids.Name);
        var positions = NodeAttribute.Of("values_int64s", Enumerable.Range(0, ids.Ids.Length).Select(i => (long)i));
        var unknown = NodeAttribute.Of("default_int64", (long)ids.Ids.Length);
        string code;
        if (ids.Type == ColumnType.Integer)
        {
            var keys = ids.Ids.Select(id => long.Parse(id, CultureInfo.InvariantCulture));
            code = graph.MlNode("LabelEncoder", [value.Name], NodeAttribute.Of("keys_int64s", keys), positions, unknown);
            if (value.Null is { } missing) code = math.Where(missing, math.Integer(ids.Ids.Length), code);
        }
        else
        {
            code = graph.MlNode("LabelEncoder", [TextDoor.Value(math, value, ids.Name)],
                NodeAttribute.Of("keys_strings", ids.Ids), positions, unknown);
        }

        return graph.Node("Squeeze", [code, Whole(graph, 1)]);
    }

    /// <summary>float64 [N, items + 1]: also of the unknown item, which stands in for nothing.</summary>
    private static string AllScores(GraphMath math, FactorScores scores, string user)
    {
        var biases = Row(math, scores.ItemBiases);
        var start = math.Add(Start(math, scores, user), biases);
        if (scores.Factors == 0) return start;
        var (items, factors) = (scores.ItemBiases.Length, scores.Factors);
        var turned = new float[scores.ItemFactors.Length];
        for (var i = 0; i < items; i++)
            for (var f = 0; f < factors; f++) turned[(f * items) + i] = scores.ItemFactors[(i * factors) + f];
        var matrix = math.ToNumber(math.Graph.Constant(Constants.Of(turned, factors, items)));
        return math.Add(start, math.Graph.Node("MatMul", [Rows(math, scores.UserFactors, factors, user), matrix]));
    }

    /// <summary>float64 [N, 1]: the score of each row's user and item.</summary>
    private static string Rating(GraphMath math, FactorScores scores, string user, string item)
    {
        var start = math.Add(Start(math, scores, user), Rows(math, scores.ItemBiases, 1, item));
        if (scores.Factors == 0) return start;
        var product = math.Multiply(
            Rows(math, scores.UserFactors, scores.Factors, user), Rows(math, scores.ItemFactors, scores.Factors, item));
        return math.Add(start, math.Graph.Node(
            "ReduceSum", [product, Whole(math.Graph, 1)], NodeAttribute.Of("keepdims", 1L)));
    }

    private static string Start(GraphMath math, FactorScores scores, string user) =>
        math.Add(math.Number(scores.Base), Rows(math, scores.UserBiases, 1, user));

    /// <summary>
    /// The scores with the lowest number where a user has had the item. What users had lies end to end in one list; a
    /// batch takes
    /// as many places as its busiest user needs and one more, and what a user does not fill points at the unknown
    /// item, which
    /// is thereby never recommended.
    /// </summary>
    private static string WithoutSeen(GraphBuilder graph, RecommenderModel model, string user, string scores)
    {
        var starts = model.SeenStarts;
        var users = starts.Length - 1;
        long[] counts = [.. Enumerable.Range(0, users).Select(u => (long)starts[u + 1] - starts[u]), 0];
        var count = Column(graph, counts, user);
        var start = Column(graph, [.. starts.Select(s => (long)s)], user);
        var seen = graph.Constant(
            Constants.Of([.. model.SeenItems.Select(i => (long)i), model.ItemCount], model.SeenItems.Length + 1));
        var longest = graph.Node("ReduceMax", [count], NodeAttribute.Of("keepdims", 0L));
        var places = graph.Node("Add", [longest, Scalar(graph, 1)]);
        var place = graph.Node("Range", [Scalar(graph, 0), places, Scalar(graph, 1)]);
        var at = graph.Node("Where",
        [
            graph.Node("Less", [place, count]), graph.Node("Add", [start, place]),
            graph.Constant(Constants.Of([(long)model.SeenItems.Length], 1, 1)),
        ]);
        var items = graph.Node("Gather", [seen, at]);
        var lowest = graph.Node("Expand",
            [graph.Constant(Constants.Of([Recommendations.NoScore], 1, 1)), graph.Node("Shape", [items])]);
        return graph.Node("ScatterElements", [scores, items, lowest], NodeAttribute.Of("axis", 1L));
    }

    private static string Column(GraphBuilder graph, long[] values, string codes) =>
        graph.Node("Gather", [graph.Constant(Constants.Of(values, values.Length, 1)), codes], NodeAttribute.Of("axis", 0L));

    private static string Row(GraphMath math, ImmutableArray<float> values) =>
        math.ToNumber(math.Graph.Constant(Constants.Of(values.AsSpan(), 1, values.Length)));

    /// <summary>float64 [N, width]: the rows of a float32 matrix that codes name.</summary>
    private static string Rows(GraphMath math, ImmutableArray<float> values, int width, string codes)
    {
        var matrix = math.Graph.Constant(Constants.Of(values.AsSpan(), values.Length / width, width));
        return math.ToNumber(math.Graph.Node("Gather", [matrix, codes], NodeAttribute.Of("axis", 0L)));
    }

    private static string Whole(GraphBuilder graph, long value) => graph.Constant(Constants.Of([value], 1));

    private static string Scalar(GraphBuilder graph, long value) => graph.Constant(Constants.Of([value]));
}
