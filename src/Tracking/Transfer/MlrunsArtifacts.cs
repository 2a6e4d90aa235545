using Gyre.Primitives;

namespace Gyre.Tracking.Transfer;

/// <summary>
/// Where artifacts of a file store go on import: copied below the artifact root, or left where they are.
/// </summary>
internal sealed class MlrunsArtifacts(string folder, ArtifactStore store, bool copy, MlrunsReport report)
{
    /// <summary>
    /// The new URIs of folders that were copied, by the part of their old ones that tells them apart.
    /// </summary>
    private readonly Dictionary<string, string> _moved = new(StringComparer.Ordinal);

    /// <summary>An experiment's location: the server's own when the files move there.</summary>
    public string? Location(string? location,
        long id) => copy && IsLocal(location) ? null : location ?? LocalUri(Path.Combine(folder, $"{id}"));

    /// <summary>The URI of a folder of artifacts; copies it when that is wanted and it is there.</summary>
    /// <param name="uri">
    /// As the file store has it, from when it was written: its own place may be another by now.
    /// </param>
    /// <param name="local">Where the file store's layout has it.</param>
    /// <param name="key">What tells it apart in other URIs: <c>RUN/artifacts</c>, <c>MODEL/artifacts</c>.</param>
    /// <param name="target">Its URI after copying.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    public async Task<string> MoveAsync(
        string? uri, string local, string key, string target, CancellationToken cancellationToken)
    {
        if (!copy || !IsLocal(uri)) return uri ?? LocalUri(local);
        var source = Directory.Exists(local) ? local : uri is null ? null : store.FindFolder(uri);
        _moved[key] = target;
        if (source is null || !Directory.Exists(source)) return target;
        var place = store.FolderOf(target);
        if (Directory.Exists(place)) return target; // whole: an earlier import, stopped before the rows
        await DurableFile.CreateFolderAsync(
            place, (inner, token) => Task.Run(() => report.Files += CopyFolder(source, inner, token), token),
                cancellationToken);
        return target;
    }

    /// <summary>The source of a model version, where its files are now.</summary>
    public async Task<string?> SourceAsync(string? source, CancellationToken cancellationToken)
    {
        if (source is null || !copy || !IsLocal(source)) return source;
        foreach (var (key, target) in _moved)
        {
            var at = source.IndexOf("/" + key, StringComparison.Ordinal);
            if (at >= 0 && source.Length == at + 1 + key.Length) return target;
            if (at >= 0 && source[at + 1 + key.Length] == '/') return target + source[(at + 1 + key.Length)..];
        }

        // A folder within the file store but of no run.
        if (store.FindFolder(source) is not { } path || Path.GetRelativePath(folder, path) is var relative
            && (relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative))) return source;
        var uri = "mlflow-artifacts:/" + Path.GetRelativePath(folder, path).Replace('\\', '/');
        return await MoveAsync(source, path, uri, uri, cancellationToken);
    }

    /// <summary>Copies a folder's files; returns how many.</summary>
    public static long CopyFolder(string from, string to, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(to);
        long files = 0;
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var relative = Path.GetRelativePath(from, path);
            if (relative.Split('/', '\\').Any(part => part.EndsWith(DurableFile.TemporarySuffix,
                StringComparison.Ordinal))) continue;
            var target = Path.Combine(to, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target) ?? to);
            File.Copy(path, target);
            files++;
        }

        return files;
    }

    public static string LocalUri(string path) => new Uri(Path.GetFullPath(path)).AbsoluteUri;

    private static bool IsLocal(string? uri) => uri is null || uri.StartsWith("file:",
        StringComparison.OrdinalIgnoreCase)
        || !uri.Contains(":/", StringComparison.Ordinal);
}
