using Gyre.Primitives;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking;

/// <summary>Artifacts in a local folder.</summary>
internal sealed class LocalArtifacts(ArtifactStore store, TimeProvider time) : IArtifactRepository
{
    private const string Scheme = "mlflow-artifacts:";

    private readonly UploadFolder _uploads = new(Path.Combine(store.Root, UploadFolder.Name), time);

    public LocalUploads Uploads => field ??= new LocalUploads(_uploads, PathOf);

    public string? FindPath(string uri)
    {
        if (uri.StartsWith(Scheme, StringComparison.Ordinal)) return AfterAuthority(uri[Scheme.Length..]);
        if (store.FindFolder(uri) is not { } folder) return null;
        if (folder == store.Root) return "";
        return ArtifactStore.IsInside(store.Root, folder)
            ? Path.GetRelativePath(store.Root, folder).Replace(Path.DirectorySeparatorChar, '/')
            : null;
    }

    /// <summary>What follows <c>//host:port</c>, or the slash where there is none.</summary>
    public static string AfterAuthority(string rest)
    {
        if (rest.StartsWith("//", StringComparison.Ordinal))
            rest = rest.IndexOf('/', 2) is var slash and > 0 ? rest[slash..] : "";
        return rest.Trim('/');
    }

    public Task<ArtifactContent?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var file = PathOf(path);
        try
        {
            return Task.FromResult<ArtifactContent?>(File.Exists(file) ? LocalContent.Open(file) : null);
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<ArtifactContent?>(null); // deleted between the two calls
        }
    }

    public async Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellationToken)
    {
        var target = PathOf(path);
        if (Directory.Exists(target)) throw RestException.Parameter($"Invalid path: '{path}' is a folder.");
        var temporary = _uploads.NewFile();
        try
        {
            await using (var file = UploadFolder.Create(temporary))
            {
                await content.CopyToAsync(file, UploadFolder.BufferSize, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            Publish(temporary, target, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var folder = path.Length == 0 ? store.Root : PathOf(path);
        if (!Directory.Exists(folder)) return Task.FromResult<IReadOnlyList<ArtifactEntry>>([]);
        return Task.FromResult<IReadOnlyList<ArtifactEntry>>([.. new DirectoryInfo(folder).EnumerateFileSystemInfos()
            .Where(item => item.LinkTarget is null && item.Name != UploadFolder.Name)
            .Where(item => !DurableFile.IsTemporary(item.Name))
            .Select(item => new ArtifactEntry(item.Name, item is FileInfo file ? file.Length : null))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal)]);
    }

    public Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        var target = PathOf(path);
        try
        {
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            else File.Delete(target);
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone, which was asked for.
        }

        return Task.CompletedTask;
    }

    public Task<MultipartUpload> CreateUploadAsync(
        string path, int parts, string server, CancellationToken cancellationToken) =>
        Uploads.CreateAsync(path, parts, server, cancellationToken);

    public Task CompleteUploadAsync(
        string path, string upload, IReadOnlyList<MultipartPart> parts, CancellationToken cancellationToken) =>
        Uploads.CompleteAsync(path, upload, parts, cancellationToken);

    public Task AbortUploadAsync(string path, string upload, CancellationToken cancellationToken)
    {
        Uploads.Abort(path, upload);
        return Task.CompletedTask;
    }

    public Task<string?> PresignDownloadAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public Task<string?> PresignUploadAsync(string path, TimeSpan expiry, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    /// <summary>Moves a whole file to its place.</summary>
    public static void Publish(string temporary, string target, string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // below the root
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException && BlockedBy(target))
        {
            throw RestException.Parameter($"Invalid path: '{path}' is a folder, or goes through a file.");
        }
    }

    private static bool BlockedBy(string target)
    {
        if (Directory.Exists(target)) return true;
        for (var folder = Path.GetDirectoryName(target); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(folder)) return true;
        }

        return false;
    }

    private string PathOf(string path)
    {
        if (path == UploadFolder.Name || path.StartsWith(UploadFolder.Name + "/", StringComparison.Ordinal))
            throw RestException.Parameter("Invalid path");
        return store.PathOf(path);
    }
}

/// <summary>An open file. Replacing or deleting it meanwhile leaves this one as it is.</summary>
file sealed class LocalContent : ArtifactContent
{
    private readonly FileStream _file;

    private LocalContent(FileStream file, DateTimeOffset modified)
        : base(file.Length, modified, $"{file.Length:x}-{modified.Ticks:x}") => _file = file;

    public static LocalContent Open(string path)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
        return new LocalContent(file, new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle)));
    }

    public override async Task CopyToAsync(
        Stream destination, long from, long count, CancellationToken cancellationToken)
    {
        _file.Position = from;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(UploadFolder.BufferSize);
        try
        {
            while (count > 0)
            {
                var read = await _file.ReadAsync(
                    buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken);
                if (read == 0) throw new GyreException(ErrorCode.Unavailable, "The artifact's file became shorter.");
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                count -= read;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override ValueTask DisposeAsync() => _file.DisposeAsync();
}
