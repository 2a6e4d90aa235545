using System.Collections.Immutable;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>What a package's explanation file holds. Immutable.</summary>
/// <param name="ModelHash">SHA-256 of the model file that it explains.</param>
/// <param name="Graph">
/// An ONNX graph from the raw columns to a matrix [N, width], written by what wrote the model's own: float32 features
/// of trees, or
/// float64 terms of linear scores.
/// </param>
/// <param name="Columns">What contributions belong to.</param>
/// <param name="Parts">The trees' features in their order, or the terms of a linear model, of each feature one per
/// output.</param>
/// <param name="Trees">The trees; null for a linear model.</param>
/// <param name="Linear">The linear model; null for trees.</param>
/// <param name="IsCalibrated">Whether probabilities are calibrated behind the link.</param>
internal sealed record ExplanationContent(
    ImmutableArray<byte> ModelHash, byte[] Graph, ImmutableArray<ExplainedColumn> Columns,
    ImmutableArray<ExplainedPart> Parts, ExplainedTrees? Trees, LinearTerms? Linear, bool IsCalibrated)
{
    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link => Trees?.Link ?? Linear?.Link ?? OutputLink.Identity;
}

/// <summary>A feature of trees or a term of a linear score.</summary>
/// <param name="Position">Its column in the graph's matrix.</param>
/// <param name="Column">What its contribution belongs to, a position in
/// <see cref="ExplanationContent.Columns"/>.</param>
internal readonly record struct ExplainedPart(int Position, int Column);

/// <summary>
/// Scores that are sums of terms, one per feature and output. A term less its mean is its feature's contribution,
/// exact whatever
/// other features are known (Štrumbelj and Kononenko 2014, section 2.2).
/// </summary>
/// <param name="Start">One per output: the intercepts.</param>
/// <param name="Means">Each term's mean over background rows, as <see cref="ExplanationContent.Parts"/>.</param>
/// <param name="Link">What turns scores into predictions.</param>
internal sealed record LinearTerms(ImmutableArray<double> Start, ImmutableArray<double> Means, OutputLink Link);
