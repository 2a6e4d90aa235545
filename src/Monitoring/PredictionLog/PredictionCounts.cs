using System.Collections.Immutable;

namespace Gyre.Monitoring;

/// <summary>Predictions of a window.</summary>
/// <param name="Predictions">How many were made.</param>
/// <param name="WithActual">How many of them have an actual value.</param>
public readonly record struct PredictionCounts(long Predictions, long WithActual);

/// <summary>Requests of a window that serving refused: violations of the data contract at the door.</summary>
/// <param name="Total">All of them.</param>
/// <param name="ByReason">By reason: <c>missing-column</c>, <c>wrong-type</c>, <c>contract</c>….</param>
/// <param name="ByColumn">By the column named, for those that name one.</param>
public sealed record RejectionCounts(
    long Total, ImmutableSortedDictionary<string, long> ByReason, ImmutableSortedDictionary<string, long> ByColumn);
