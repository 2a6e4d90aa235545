using System.Collections.Immutable;
using Gyre.Models.Export;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>
/// Writes a trained pipeline as one ONNX graph, from the raw columns of a request to the prediction. Thread-safe; the
/// same
/// pipeline gives the same bytes.
/// </summary>
/// <remarks>
/// One input of shape [N, 1] per raw column that the model needs, named as the column: Numeric double, Integer int64,
/// Boolean bool, Categorical string, Timestamp int64 (µs since 1970 UTC). Missing is NaN or the empty string; a
/// nullable
/// Integer, Boolean or Timestamp is a double. Regression has the output `prediction` (float [N, 1]), classification
/// `label` ([N], of the target's type) and `probabilities` (float [N, classes]), recommendation `items` (string [N, top]),
/// `scores` (float [N, top]) and, where ratings are learned, `prediction` (float [N, 1]: the rating of the item that the
/// row names).
/// </remarks>
public static class OnnxExporter
{
    /// <summary>The model's bytes.</summary>
    /// <param name="pipeline">The trained pipeline.</param>
    /// <param name="derived">Columns that the graph computes itself, each from raw columns or earlier ones.</param>
    /// <param name="raw">The columns that a request carries; more than the model needs is fine.</param>
    /// <exception cref="GyreException">
    /// A feature is not available, a derived column cannot be computed in the graph (names the column and the
    /// function), or
    /// a column has an output's name.
    /// </exception>
    public static byte[] Export(FittedPipeline pipeline, ImmutableArray<DerivedColumn> derived, Schema raw)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(raw);
        derived = derived.IsDefault ? [] : derived;
        var outputs = OutputWriter.Names(pipeline.Task);
        var graph = new GraphBuilder([.. outputs, .. raw.Select(c => c.Name)]);
        var math = new GraphMath(graph);
        var columns = RawColumns.Declare(math, Features(pipeline, derived, raw), derived, raw);
        if (columns.Inputs.FirstOrDefault(c => outputs.Contains(c.Name)) is { } clash)
            throw GyreException.Invalid($"Column '{clash.Name}' has the name of an output of the model; rename it.");
        if (pipeline is { Preprocessing: RecommenderPreprocessing ids, Model: RecommenderModel recommender })
            RecommenderExport.Write(math, columns, ids, recommender);
        else OutputWriter.Write(math, pipeline, Predictions(math, columns, pipeline));
        return graph.Build(ModelProperties.ProducerVersion, ModelProperties.Of(pipeline, columns.Inputs));
    }

    /// <summary>The columns a model reads; a constant one still needs some column to count rows.</summary>
    internal static IEnumerable<string> Features(
        FittedPipeline pipeline, ImmutableArray<DerivedColumn> derived, Schema raw)
    {
        if (pipeline.Model is not ConstantModel) return pipeline.Inputs.Select(c => c.Name);
        var available = pipeline.Inputs.Concat(raw).Select(c => c.Name)
            .FirstOrDefault(n => raw.Contains(n) && derived.All(d => d.Name != n));
        return available is not null
            ? [available]
            : throw GyreException.Invalid("A constant model needs at least one raw column to count rows by.");
    }

    /// <summary>
    /// A pipeline's predictions [N, outputs] in float64: what a graph is made of, alone or as part of another.
    /// </summary>
    internal static string Predictions(GraphMath math, RawColumns columns, FittedPipeline pipeline) =>
        (pipeline.Preprocessing, pipeline.Model) switch
        {
            (TreePreprocessing preprocessing, BoostedTreesModel model) => OutputWriter.Link(
                math, model.Link, TreeModelExport.Scores(math, columns, preprocessing, model)),
            (TreePreprocessing preprocessing, ForestModel model) => math.ToNumber(
                TreeModelExport.Means(math, columns, preprocessing, model)),
            (LinearPreprocessing preprocessing, LinearModel model) => OutputWriter.Link(
                math, model.Link, LinearModelExport.Scores(math, columns, preprocessing, model)),
            (LinearPreprocessing preprocessing, NaiveBayesModel model) => OutputWriter.Link(
                math, model.Linear.Link, NaiveBayesExport.Scores(math, columns, preprocessing, model)),
            (_, TransformedModel model) => Predictions(
                math, TransformExport.Widen(math, columns, model.Transforms), model.Inner),
            (NeuralPreprocessing preprocessing, NeuralModel model) => OutputWriter.Link(
                math, model.Link, NeuralModelExport.Scores(math, columns, preprocessing, model)),
            (_, ConstantModel model) => Constant(math, columns, model),
            (_, CalibratedModel model) => CalibrationExport.Predictions(math, columns, model),
            (_, EnsembleModel model) => EnsembleExport.Predictions(math, columns, model),
            _ => throw new ArgumentException(
                $"{pipeline.Model.GetType().Name} after {pipeline.Preprocessing.GetType().Name} has no ONNX form.",
                nameof(pipeline)),
        };

    private static string Constant(GraphMath math, RawColumns columns, ConstantModel model)
    {
        var graph = math.Graph;
        var values = graph.Constant(Constants.Of([.. model.Values.Select(v => (double)v)], 1, model.Values.Length));
        return graph.Node("Expand", [values, graph.Node("Shape", [columns.Inputs[0].Name])]);
    }
}
