using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes calibrated models: the inner pipeline's probabilities, each through its calibrator, in float64.</summary>
internal static class CalibrationExport
{
    /// <summary>Predictions [N, outputs] in float64.</summary>
    public static string Predictions(GraphMath math, RawColumns columns, CalibratedModel model)
    {
        var graph = math.Graph;
        var inner = OnnxExporter.Predictions(math, columns, model.Inner);
        if (model.Calibrators.Length == 1) return Apply(math, model.Calibrators[0], inner);
        var axis = graph.Constant(Constants.Of([1L], 1));
        var parts = model.Calibrators.Select((calibrator, k) => Apply(math, calibrator,
            graph.Node("Gather", [inner, graph.Constant(Constants.Of([(long)k], 1))], NodeAttribute.Of("axis", 1L)))).ToArray();
        var all = graph.Node("Concat", parts, NodeAttribute.Of("axis", 1L));
        return math.Divide(all, graph.Node("ReduceSum", [all, axis]));
    }

    private static string Apply(GraphMath math, Calibrator calibrator, string probability) => calibrator switch
    {
        PlattCalibrator platt => Platt(math, platt, probability),
        IsotonicCalibrator isotonic => Isotonic(math, isotonic, probability),
        _ => throw new ArgumentException($"{calibrator.GetType().Name} has no ONNX form.", nameof(calibrator)),
    };

    private static string Platt(GraphMath math, PlattCalibrator platt, string probability)
    {
        var clipped = Within(math, probability, math.Number(PlattCalibrator.Clip), math.Number(1 - PlattCalibrator.Clip));
        var odds = math.Subtract(math.Unary("Log", clipped), math.Unary("Log", math.Subtract(math.Number(1), clipped)));
        return math.Unary("Sigmoid", math.Add(math.Multiply(math.Number(platt.Slope), odds), math.Number(platt.Intercept)));
    }

    // How far into each stretch between knots a probability reaches, times the stretch's slope.
    private static string Isotonic(GraphMath math, IsotonicCalibrator isotonic, string probability)
    {
        var (graph, stretches) = (math.Graph, isotonic.Given.Length - 1);
        if (stretches == 0) // a level line: 0 × p keeps the number of rows
            return math.Add(math.Multiply(probability, math.Number(0)), math.Number(isotonic.True[0]));
        double[] knots = [.. isotonic.Given.Select(x => (double)x)];
        var lower = graph.Constant(Constants.Of(knots.AsSpan(0, stretches), 1, stretches));
        var upper = graph.Constant(Constants.Of(knots.AsSpan(1), 1, stretches));
        double[] slopes = [.. Enumerable.Range(0, stretches).Select(isotonic.Slope)];
        var reached = math.Subtract(Within(math, probability, lower, upper), lower);
        var rise = graph.Node("MatMul", [reached, graph.Constant(Constants.Of(slopes, stretches, 1))]);
        return math.Add(rise, math.Number(isotonic.True[0]));
    }

    private static string Within(GraphMath math, string value, string least, string most) =>
        math.Graph.Node("Min", [math.Graph.Node("Max", [value, least]), most]);
}
