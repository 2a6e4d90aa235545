using System.Collections.Immutable;
using Gyre.Models.Explanation;
using Gyre.Models.Export;
using Gyre.Models.Scoring;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>
/// The file of a package by which its predictions are explained, or why it has none. Immutable; the same pipeline
/// gives the same bytes.
/// </summary>
public sealed class ExplanationExport
{
    /// <summary>The explanation's file in a package.</summary>
    public const string FileName = "explain/contributions.bin";

    /// <summary>In a package's metadata: what its explanations are, or <c>none: </c> and why there are none.</summary>
    public const string MetadataKey = "gyre.explanation";

    /// <summary>Exact, path-dependent Shapley values of trees.</summary>
    internal const string TreeShapMethod = "treeshap";

    /// <summary>Terms of a linear score less their means.</summary>
    internal const string LinearMethod = "linear";

    /// <summary>What the value of <see cref="MetadataKey"/> begins with where there are none.</summary>
    internal const string None = "none: ";

    /// <summary>Beyond so many nodes the file would be larger than a package should grow.</summary>
    private const int MostNodes = 2_000_000;

    /// <summary>The steps that checking may take, about a quarter of a second.</summary>
    private const double CheckSteps = 1e8;

    private const int MostCheckedRows = 256;

    private const double Tolerance = 1e-6;

    private ExplanationExport(ReadOnlyMemory<byte> bytes, string description) =>
        (Bytes, Description) = (bytes, description);

    /// <summary>The file's bytes; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The value of <see cref="MetadataKey"/>.</summary>
    public string Description { get; }

    /// <summary>The file for a package's files; empty where there is none.</summary>
    public ImmutableArray<PackageFile> Files => Bytes.IsEmpty ? [] : [new PackageFile(FileName, Bytes)];

    /// <summary>Writes the explanation of a model and checks it.</summary>
    /// <param name="pipeline">The trained pipeline.</param>
    /// <param name="derived">Columns that the graph computes itself, as for <see cref="OnnxExporter.Export"/>.</param>
    /// <param name="raw">The columns that a request carries.</param>
    /// <param name="onnx">The model's graph.</param>
    /// <param name="features">Rows as the pipeline takes them, of which the first are checked.</param>
    /// <param name="rawRows">The same rows as a request would carry them.</param>
    /// <param name="background">Rows as a request would carry them, over which the terms of a linear model are
    /// averaged; null
    /// takes <paramref name="rawRows"/>. Trees know their training rows.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <exception cref="GyreException">
    /// Base value and contributions do not add up to what the pipeline's own preprocessing and trees score:
    /// <see cref="ErrorCode.Refused"/>.
    /// </exception>
    public static ExplanationExport Create(
        FittedPipeline pipeline, ImmutableArray<DerivedColumn> derived, Schema raw, ReadOnlyMemory<byte> onnx,
        Table features, Table rawRows, Table? background = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(rawRows);
        if (WhyNone(pipeline) is { } reason) return Without(reason);
        var content = ExplanationGraph.Of(pipeline, derived.IsDefault ? [] : derived, raw, onnx.Span);
        if (content is null)
            return Without($"a {pipeline.Model.GetType().Name} is made neither of trees nor of terms that add up");
        if (content.Linear is not null) content = WithMeans(content, background ?? rawRows, cancellationToken);
        var nodes = content.Trees?.Trees.Sum(tree => (long)tree.NodeCount) ?? 0;
        if (nodes > MostNodes)
        {
            return Without(FormattableString.Invariant(
                $"its trees have {nodes} nodes; at most {MostNodes} are kept"));
        }

        var bytes = ExplanationBytes.Write(content);
        var rows = (int)Math.Clamp(CheckSteps / Math.Max(content.Trees?.RowWork() ?? 1, 1), 1, MostCheckedRows);
        Check(pipeline, bytes, Head(features, rows), Head(rawRows, rows), cancellationToken);
        return new ExplanationExport(bytes, content.Linear is null ? TreeShapMethod : LinearMethod);
    }

    private static string? WhyNone(FittedPipeline pipeline) => pipeline.Model switch
    {
        EnsembleModel ensemble => FormattableString.Invariant(
            $"it is an ensemble of {ensemble.Members.Length} models, whose contributions do not add up behind their links"),
        RecommenderModel => "a recommender predicts lists",
        ConstantModel => "it predicts the same for every row",
        _ => null,
    };

    private static ExplanationExport Without(string reason) => new(default, None + reason);

    // Without means, contributions are the terms themselves.
    private static ExplanationContent WithMeans(
        ExplanationContent content, Table background, CancellationToken cancellationToken)
    {
        if (content.Linear is not { } linear || background.RowCount == 0) return content;
        using var graph = GraphRows.Open(content.Graph, FileName);
        ImmutableArray<InputColumn> inputs =
            [.. ModelProperties.Read(graph.Metadata, FileName).Inputs.Select(c => new InputColumn(c))];
        var means = new double[content.Parts.Length];
        graph.Run<double>(inputs, background, (_, count, matrix) =>
        {
            for (var i = 0; i < count; i++)
            {
                for (var p = 0; p < means.Length; p++)
                    means[p] += matrix[(i * graph.Width) + content.Parts[p].Position] / background.RowCount;
            }
        }, cancellationToken);
        return content with { Linear = linear with { Means = [.. means] } };
    }

    private static Table Head(Table rows, int count) =>
        rows.Take([.. Enumerable.Range(0, Math.Min(count, rows.RowCount))]);

    // The trainer's own scores, before link and calibration.
    private static double[] ScoresOf(FittedPipeline pipeline, Table features) => pipeline switch
    {
        { Model: CalibratedModel calibrated } => ScoresOf(calibrated.Inner, features),
        { Model: TransformedModel transformed } => ScoresOf(
            transformed.Inner, features.With(transformed.Transforms.SelectMany(t => t.Apply(features)))),
        { Model: LinearModel linear, Preprocessing: LinearPreprocessing inputs } => linear.Scores(inputs, features),
        _ => TreeShap.Scores(pipeline, features),
    };

    /// <summary>Base value + Σ contributions, from raw columns through the file, against the trainer's score.</summary>
    private static void Check(
        FittedPipeline pipeline, byte[] bytes, Table features, Table rawRows, CancellationToken cancellationToken)
    {
        using var explainer = ModelExplainer.FromBytes(bytes, FileName);
        var explained = explainer.Explain(rawRows, Environment.ProcessorCount, cancellationToken);
        var trained = ScoresOf(pipeline, features);
        // What is lost to rounding grows with the terms, not with a sum in which they nearly cancel; the words of a text
        // do so within one contribution, and are as large as scores usually are.
        var usual = trained.Length == 0 ? 0 : trained.Average(Math.Abs);
        for (var i = 0; i < trained.Length; i++)
        {
            var (row, output) = (i / explained.Outputs, i % explained.Outputs);
            var size = Math.Max(SizeOf(explained, row, output), usual);
            var difference = ParityCheck.Difference(trained[i], explained.Score(row, output), size);
            if (difference <= Tolerance) continue;
            throw new GyreException(ErrorCode.Refused, FormattableString.Invariant(
                $"The explanation differs from the trained model by {difference:g3} (allowed {Tolerance:g3}): row {row + 1} ")
                + FormattableString.Invariant($"adds up to {explained.Score(row, output):g9}, its score is {trained[i]:g9}."));
        }
    }

    private static double SizeOf(Contributions explained, int row, int output)
    {
        var size = Math.Abs(explained.BaseValues[output]);
        foreach (var contribution in explained.Of(row, output)) size += Math.Abs(contribution);
        return Math.Max(size, 1e-9);
    }
}
