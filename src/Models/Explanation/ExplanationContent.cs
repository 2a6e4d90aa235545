using System.Collections.Immutable;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>What a package's explanation file holds. Immutable.</summary>
/// <param name="ModelHash">SHA-256 of the model file that it explains.</param>
/// <param name="Graph">An ONNX graph from the raw columns to the trees' features, [N, width] float32, written by what wrote
/// the model's own.</param>
/// <param name="Columns">What contributions belong to.</param>
/// <param name="Features">The trees' features, in their order.</param>
/// <param name="Trees">The trees.</param>
/// <param name="IsCalibrated">Whether probabilities are calibrated behind the link.</param>
internal sealed record ExplanationContent(
    ImmutableArray<byte> ModelHash, byte[] Graph, ImmutableArray<ExplainedColumn> Columns,
    ImmutableArray<ExplainedFeature> Features, ExplainedTrees Trees, bool IsCalibrated);

/// <summary>A feature of the trees.</summary>
/// <param name="Position">Its column in the graph's matrix.</param>
/// <param name="Column">What its contribution belongs to, a position in <see cref="ExplanationContent.Columns"/>.</param>
internal readonly record struct ExplainedFeature(int Position, int Column);
