using System.Collections.Immutable;
using System.Security.Cryptography;
using Gyre.Models.Export;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Explanation;

/// <summary>
/// Writes the graph from raw columns to what a model adds up with the very parts that write the model's graph, so
/// that both see
/// the same features.
/// </summary>
internal static class ExplanationGraph
{
    /// <summary>The content of an explanation file; the means of linear terms are 0.</summary>
    /// <param name="pipeline">A pipeline of trees or a linear model, calibrated or not, behind transforms or
    /// not.</param>
    /// <param name="derived">Columns that the graph computes itself.</param>
    /// <param name="raw">The columns that a request carries.</param>
    /// <param name="onnx">The model's graph.</param>
    /// <returns>The content; null for another model.</returns>
    public static ExplanationContent? Of(
        FittedPipeline pipeline, ImmutableArray<DerivedColumn> derived, Schema raw, ReadOnlySpan<byte> onnx)
    {
        var output = "features";
        while (raw.Contains(output)) output += "_";
        var graph = new GraphBuilder([output, .. raw.Select(c => c.Name)]);
        var math = new GraphMath(graph);
        var columns = RawColumns.Declare(math, OnnxExporter.Features(pipeline, derived, raw), derived, raw);
        var sources = new ColumnSources(derived, new Schema(columns.Inputs));
        var (heart, widened) = Unwrap(math, columns, pipeline, sources);
        if (PartsOf(math, widened, heart) is not { } parts) return null;
        graph.Output(parts.Matrix, output, parts.Kind, parts.Width);
        var owners = sources.Assign(parts.Names);
        return new ExplanationContent(
            [.. SHA256.HashData(onnx)],
            graph.Build(ModelProperties.ProducerVersion, ModelProperties.Of(pipeline, columns.Inputs)),
            sources.Columns, [.. parts.Positions.Select((position, i) => new ExplainedPart(position, owners[i]))],
            parts.Trees, parts.Linear, pipeline.Model is CalibratedModel);
    }

    private static Parts? PartsOf(GraphMath math, RawColumns columns, FittedPipeline heart)
    {
        switch (heart.Preprocessing, heart.Model)
        {
            case (TreePreprocessing trees, BoostedTreesModel boosted):
                return OfTrees(math, columns, trees, ExplainedTrees.Of(boosted));
            case (TreePreprocessing trees, ForestModel forest):
                return OfTrees(math, columns, trees, ExplainedTrees.Of(forest));
            case (LinearPreprocessing inputs, LinearModel linear):
                var (matrix, width, positions) = LinearTermExport.Terms(math, columns, inputs, linear);
                var outputs = linear.Intercepts.Length;
                return new Parts(matrix, Kind.Double, width, positions,
                    [.. inputs.Features.SelectMany(f => Enumerable.Repeat(f.Name, outputs))], null,
                    new LinearTerms(
                        [.. linear.Intercepts.Select(i => (double)i)], [.. new double[positions.Length]], linear.Link));
            default:
                return null;
        }
    }

    private static Parts OfTrees(
        GraphMath math, RawColumns columns, TreePreprocessing preprocessing, ExplainedTrees trees)
    {
        var (matrix, width, positions) = TreeModelExport.Features(math, columns, preprocessing);
        return new Parts(
            matrix, Kind.Float, width, positions, [.. preprocessing.Features.Select(f => f.Name)], trees, null);
    }

    // As OnnxExporter.Predictions goes down to the trees.
    private static (FittedPipeline Heart, RawColumns Columns) Unwrap(
        GraphMath math, RawColumns columns, FittedPipeline pipeline, ColumnSources sources)
    {
        switch (pipeline.Model)
        {
            case CalibratedModel calibrated:
                return Unwrap(math, columns, calibrated.Inner, sources);
            case TransformedModel transformed:
                foreach (var transform in transformed.Transforms) sources.Add(transform);
                return Unwrap(
                    math, TransformExport.Widen(math, columns, transformed.Transforms), transformed.Inner, sources);
            default:
                return (pipeline, columns);
        }
    }

    private sealed record Parts(
        string Matrix, Kind Kind, int Width, ImmutableArray<int> Positions, ImmutableArray<string> Names,
        ExplainedTrees? Trees, LinearTerms? Linear);
}
