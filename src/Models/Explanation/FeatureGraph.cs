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
/// Writes the graph from raw columns to the features of a pipeline's trees with the very parts that write the model's graph, so that
/// both see the same features.
/// </summary>
internal static class FeatureGraph
{
    /// <summary>The content of an explanation file.</summary>
    /// <param name="pipeline">A pipeline of trees, calibrated or not, behind transforms or not.</param>
    /// <param name="derived">Columns that the graph computes itself.</param>
    /// <param name="raw">The columns that a request carries.</param>
    /// <param name="onnx">The model's graph.</param>
    /// <returns>The content; null for a model that is not made of trees.</returns>
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
        if (TreesOf(heart.Model) is not { } trees || heart.Preprocessing is not TreePreprocessing preprocessing) return null;
        var (matrix, width, positions) = TreeModelExport.Features(math, widened, preprocessing);
        graph.Output(matrix, output, Kind.Float, width);
        var owners = sources.Assign([.. preprocessing.Features.Select(f => f.Name)]);
        return new ExplanationContent(
            [.. SHA256.HashData(onnx)],
            graph.Build(ModelProperties.ProducerVersion, ModelProperties.Of(pipeline, columns.Inputs)),
            sources.Columns, [.. positions.Select((position, i) => new ExplainedFeature(position, owners[i]))],
            trees, pipeline.Model is CalibratedModel);
    }

    private static ExplainedTrees? TreesOf(Model model) => model switch
    {
        BoostedTreesModel boosted => ExplainedTrees.Of(boosted),
        ForestModel forest => ExplainedTrees.Of(forest),
        _ => null,
    };

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
}
