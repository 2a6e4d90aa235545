using System.Collections.Immutable;

namespace Gyre.Loop.Reports;

/// <summary>Why a version predicts what it predicts for one row.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Explained">What number is explained.</param>
/// <param name="BaseValue">Its mean over background rows, or over rows of the training data where it is
/// exact.</param>
/// <param name="Prediction">Its value for the row: base value + Σ contributions.</param>
/// <param name="Contributions">What each input added, the largest first.</param>
public sealed record VersionExplanation(
    string Model, int Version, string Explained, double BaseValue, double Prediction,
    ImmutableArray<ColumnContribution> Contributions)
{
    /// <summary>The method that estimates.</summary>
    public const string Sampling = "sampling";

    /// <summary>How it was found: <c>treeshap</c> or <c>linear</c>, exact from the version's own package, or
    /// <c>sampling</c>, estimated.</summary>
    public string Method { get; init; } = Sampling;

    /// <summary>What the version answers for the row: a number, or a class with its probability.</summary>
    public string Answer { get; init; } = "";

    /// <summary>The row, from 0.</summary>
    public int Row { get; init; }
}

/// <summary>What one input added to a prediction.</summary>
/// <param name="Column">The input, or something computed from several.</param>
/// <param name="Value">Its value in the row; null where missing and for what is computed.</param>
/// <param name="Contribution">What it added.</param>
/// <param name="StandardError">How sure that is; 0 where it is exact.</param>
public sealed record ColumnContribution(string Column, string? Value, double Contribution, double StandardError)
{
    /// <summary>The inputs that it is computed from; empty for an input.</summary>
    public ImmutableArray<string> From { get; init; } = [];
}
