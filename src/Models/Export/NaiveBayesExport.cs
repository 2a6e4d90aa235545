using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Writes naive Bayes with normal laws: its linear part, and squared distances in float64.</summary>
internal static class NaiveBayesExport
{
    /// <summary>Float64 scores, [N, outputs].</summary>
    public static string Scores(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, NaiveBayesModel model)
    {
        var graph = math.Graph;
        var (numbers, missing) = Numbers(math, columns, preprocessing, model);
        var axis = graph.Constant(Constants.Of([1L], 1));
        var distance = math.Subtract(
            graph.Node("Unsqueeze", [math.ToNumber(numbers), axis]), Table(math, model, m => m.Means));
        var weighted = math.Multiply(math.Multiply(distance, distance), Table(math, model, m => m.Precisions));
        var present = graph.Node("Unsqueeze", [math.ToNumber(math.Not(missing)), axis]);
        var last = graph.Constant(Constants.Of([2L], 1));
        var sums = graph.Node("ReduceSum", [math.Multiply(weighted, present), last], NodeAttribute.Of("keepdims", 0L));
        var classes = model.Classes;
        var binary = model.Linear.Intercepts.Length == 1;
        var outputs = binary ? 1 : classes;
        var factors = new double[classes * outputs];
        for (var k = 0; k < classes; k++) factors[(k * outputs) + (binary ? 0 : k)] = binary && k == 0 ? 0.5 : -0.5;
        var squares = graph.Node("MatMul", [sums, graph.Constant(Constants.Of(factors, classes, outputs))]);
        return math.Add(LinearModelExport.Scores(math, columns, preprocessing, model.Linear), squares);
    }

    /// <summary>The standardised numbers and where they are missing, [N, numbers], in the model's order.</summary>
    private static (string Numbers, string Missing) Numbers(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, NaiveBayesModel model)
    {
        var start = 0;
        var features = new List<NumericLinearFeature>();
        foreach (var feature in preprocessing.Features)
        {
            if (model.Inputs.Contains(start)) features.Add((NumericLinearFeature)feature);
            start += feature.Width;
        }

        var door = new FeatureMatrix(math);
        foreach (var feature in features) door.Add(columns.Feature(feature.Name), feature.Name);
        var (matrix, positions) = door.Build();
        var order = math.Graph.Constant(Constants.Of([.. positions.Select(p => (long)p)], positions.Length));
        var values = math.Graph.Node("Gather", [matrix, order], NodeAttribute.Of("axis", 1L));
        return StandardizedBlock.Standardize(math, values, features);
    }

    private static string Table(
        GraphMath math, NaiveBayesModel model, Func<NaiveBayesModel, IReadOnlyList<float>> values) =>
        math.Graph.Constant(Constants.Of(
            [.. values(model).Select(v => (double)v)], 1, model.Classes, model.Inputs.Length));
}
