namespace Gyre.Tracking;

/// <summary>A dataset that a run read. (Experiment, name, digest) identifies it; it is stored once.</summary>
/// <param name="Name">Its name, at most 500 characters.</param>
/// <param name="Digest">
/// At most 36 characters that change with the content, such as the first digits of its hash.
/// </param>
/// <param name="SourceType">The kind of source, such as <c>local</c>.</param>
/// <param name="Source">Where it came from, as JSON.</param>
/// <param name="Schema">Its columns as JSON, if known.</param>
/// <param name="Profile">Its size and the like as JSON, if known.</param>
/// <param name="Context">What the run used it for: <c>training</c>, <c>evaluation</c>.</param>
public sealed record DatasetInput(
    string Name,
    string Digest,
    string SourceType,
    string Source,
    string? Schema = null,
    string? Profile = null,
    string? Context = null);
