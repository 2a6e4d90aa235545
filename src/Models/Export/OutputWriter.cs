using System.Globalization;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Tabular;
using Gyre.Training;
using Onnx;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Turns scores into the graph's outputs. The link is computed in float64: float32 kernels round small probabilities.
/// </summary>
internal static class OutputWriter
{
    /// <summary>Regression: float [N, 1].</summary>
    public const string Prediction = "prediction";

    /// <summary>Classification: [N].</summary>
    public const string Label = "label";

    /// <summary>Classification: float [N, classes].</summary>
    public const string Probabilities = "probabilities";

    /// <summary>The predictions of scores [N, outputs], float32 or float64, in float64.</summary>
    public static string Link(GraphMath math, OutputLink link, string scores)
    {
        var exact = math.ToNumber(scores);
        return link switch
        {
            OutputLink.Logistic => math.Unary("Sigmoid", exact),
            OutputLink.Exp => math.Unary("Exp", exact),
            OutputLink.Softmax => math.Graph.Node("Softmax", [exact], NodeAttribute.Of("axis", 1L)),
            _ => exact,
        };
    }

    /// <summary>Writes the outputs of predictions [N, outputs] in float64.</summary>
    public static void Write(GraphMath math, FittedPipeline pipeline, string exact)
    {
        var graph = math.Graph;
        if (pipeline.Task == TaskKind.Regression)
        {
            graph.Output(graph.Cast(exact, Kind.Float), Prediction, Kind.Float, 1);
            return;
        }

        string position;
        if (pipeline.Task == TaskKind.Binary)
        {
            // The rule of Predictions.ClassAt: the positive class from the threshold on, by the rounded probability.
            var threshold = graph.Constant(Constants.Of([(float)pipeline.Threshold], 1, 1));
            position = math.ToInteger(math.LessOrEqual(threshold, graph.Cast(exact, Kind.Float)));
            exact = graph.Node("Concat", [math.Subtract(math.Number(1), exact), exact], NodeAttribute.Of("axis", 1L));
            position = graph.Node("Squeeze", [position, graph.Constant(Constants.Of([1L], 1))]);
        }
        else
        {
            position = graph.Node("ArgMax", [graph.Cast(exact, Kind.Float)],
                NodeAttribute.Of("axis", 1L), NodeAttribute.Of("keepdims", 0L));
        }

        var (names, kind) = Classes(pipeline);
        graph.Output(graph.Node("Gather", [graph.Constant(names), position]), Label, kind, 0);
        graph.Output(graph.Cast(exact, Kind.Float), Probabilities, Kind.Float, pipeline.Classes.Length);
    }

    /// <summary>The names of a task's outputs.</summary>
    public static string[] Names(TaskKind task) => task switch
    {
        TaskKind.Regression => [Prediction],
        TaskKind.Recommendation => [RecommenderExport.Items, RecommenderExport.Scores, Prediction],
        _ => [Label, Probabilities],
    };

    private static (TensorProto Names, Kind Kind) Classes(FittedPipeline pipeline)
    {
        var classes = pipeline.Classes;
        return pipeline.TargetType switch
        {
            ColumnType.Integer => (Constants.Of(
                [.. classes.Select(c => long.Parse(c, CultureInfo.InvariantCulture))], classes.Length), Kind.Int64),
            ColumnType.Boolean => (Constants.Of([.. classes.Select(c => c == "true")], classes.Length), Kind.Bool),
            _ => (Constants.Of([.. classes], classes.Length), Kind.String),
        };
    }
}
