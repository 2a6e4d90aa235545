namespace Gyre.Tracking;

/// <summary>A dataset and what it was used for, as it appears in an experiment.</summary>
internal sealed record DatasetSummary(long ExperimentId, string Name, string Digest, string? Context);
