namespace Gyre.Tracking;

/// <summary>A file or folder in a listing.</summary>
/// <param name="Name">Its name, without its folder's.</param>
/// <param name="Size">Its length in bytes; null for a folder.</param>
internal readonly record struct ArtifactEntry(string Name, long? Size);

/// <summary>A file that was found; its content stays what it was then. Dispose it.</summary>
internal abstract class ArtifactContent(long length, DateTimeOffset modified, string tag) : IAsyncDisposable
{
    /// <summary>Its length in bytes.</summary>
    public long Length { get; } = length;

    /// <summary>When it was written.</summary>
    public DateTimeOffset Modified { get; } = modified;

    /// <summary>A text that changes with the content; without quotes.</summary>
    public string Tag { get; } = tag;

    /// <summary>Copies <paramref name="count"/> bytes beginning at <paramref name="from"/>.</summary>
    public abstract Task CopyToAsync(Stream destination, long from, long count, CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>An upload in parts that a client sends one by one, perhaps at the same time, elsewhere than here.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Urls">Where part 1, 2, 3… is to be PUT.</param>
internal sealed record MultipartUpload(string Id, IReadOnlyList<string> Urls);

/// <summary>A part that was received.</summary>
/// <param name="Number">1, 2, 3…</param>
/// <param name="Tag">The ETag its PUT was answered with.</param>
internal readonly record struct MultipartPart(int Number, string Tag);

/// <summary>
/// Where artifacts are kept. Paths are what <see cref="ArtifactPath"/> made: slashes between the parts, empty for the
/// root. A file is visible only when it is whole. Thread-safe.
/// </summary>
internal interface IArtifactRepository
{
    /// <summary>The path of an address as the database holds it; null when it is not below this root.</summary>
    string? FindPath(string uri);

    /// <summary>The file, or null when there is none of that name.</summary>
    Task<ArtifactContent?> FindAsync(string path, CancellationToken cancellationToken);

    /// <summary>Writes a file in constant memory, replacing one of that name. A failed write leaves nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content, read to the end.</param>
    /// <param name="length">How long that is, if known.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellationToken);

    /// <summary>One level of a folder, by name; empty when there is no such folder.</summary>
    Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellationToken);

    /// <summary>Removes a file, or a folder with all in it; what is not there is no failure.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken);

    /// <summary>Begins an upload in parts.</summary>
    /// <param name="path">The file it will be.</param>
    /// <param name="parts">How many parts, 1 or more.</param>
    /// <param name="server">This server's address as the client knows it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<MultipartUpload> CreateUploadAsync(string path, int parts, string server, CancellationToken cancellationToken);

    /// <summary>Makes the file of the parts, in the order of their numbers.</summary>
    Task CompleteUploadAsync(
        string path, string upload, IReadOnlyList<MultipartPart> parts, CancellationToken cancellationToken);

    /// <summary>Gives an upload in parts up.</summary>
    Task AbortUploadAsync(string path, string upload, CancellationToken cancellationToken);

    /// <summary>An address from which the file can be read without this server; null when the store has none.</summary>
    Task<string?> PresignDownloadAsync(string path, CancellationToken cancellationToken);

    /// <summary>An address to which the file can be PUT without this server; null when the store has none.</summary>
    Task<string?> PresignUploadAsync(string path, TimeSpan expiry, CancellationToken cancellationToken);
}
