using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>
/// Files of runs in a local folder: <c>root/experiment/run/artifacts/…</c>. The database holds URIs relative to the
/// root
/// (<c>mlflow-artifacts:/experiment/run/artifacts</c>), so that a workspace can be moved. Thread-safe.
/// </summary>
/// <param name="root">The folder; made when first written to.</param>
public sealed class ArtifactStore(string root)
{
    private const string Scheme = "mlflow-artifacts:/";

    /// <summary>The root folder, absolute.</summary>
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>The folder of a run's files.</summary>
    public string FolderOf(Run run) => FolderOf(run.ArtifactUri);

    /// <summary>
    /// The local path of an artifact URI: below the root for <c>mlflow-artifacts:/</c>, or a <c>file:</c> URI or path.
    /// </summary>
    /// <exception cref="GyreException">The URI leads out of the root, or has another scheme.</exception>
    public string FolderOf(string uri)
    {
        if (uri.StartsWith(Scheme, StringComparison.Ordinal)) return Below(Root, uri[Scheme.Length..].TrimStart('/'));
        if (Path.IsPathFullyQualified(uri)) return uri;
        if (Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.IsFile) return parsed.LocalPath;
        throw GyreException.Invalid($"'{uri}' is not the address of a local artifact.");
    }

    /// <summary>
    /// As <see cref="FolderOf(string)"/>, but null for an address that is not local, such as <c>s3:</c>.
    /// </summary>
    public string? FindFolder(string uri)
    {
        try
        {
            return FolderOf(uri);
        }
        catch (GyreException)
        {
            return null;
        }
    }

    /// <summary>The path of a file or folder among a run's files.</summary>
    /// <param name="run">The run.</param>
    /// <param name="relative">Path with slashes below the run's folder.</param>
    /// <exception cref="GyreException">The path leads out of the run's folder.</exception>
    public string PathOf(Run run, string relative) => Below(FolderOf(run), relative);

    /// <summary>The path of a file or folder below the root.</summary>
    /// <exception cref="GyreException">The path leads out of the root.</exception>
    internal string PathOf(string relative) => Below(Root, relative);

    /// <summary>
    /// The URI that is stored for a local path: relative to the root when it lies below, else <c>file:</c>.
    /// </summary>
    public string UriOf(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return IsBelow(Root, full)
            ? Scheme + Path.GetRelativePath(Root, full).Replace('\\', '/')
            : new Uri(full).AbsoluteUri;
    }

    /// <summary>Writes a file of a run, whole or not at all, replacing one of that name.</summary>
    /// <exception cref="GyreException">The path leads out of the run's folder.</exception>
    public Task WriteAsync(
        Run run, string relative, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        DurableFile.WriteAsync(PathOf(run, relative), write, cancellationToken);

    /// <summary>Writes text as a file of a run, in UTF-8, whole or not at all.</summary>
    /// <exception cref="GyreException">The path leads out of the run's folder.</exception>
    public Task WriteTextAsync(Run run, string relative, string text, CancellationToken cancellationToken) =>
        DurableFile.WriteTextAsync(PathOf(run, relative), text, cancellationToken);

    /// <summary>The run's files: paths with slashes below its folder, sorted, without half-written ones.</summary>
    public IReadOnlyList<string> List(Run run)
    {
        var folder = FolderOf(run);
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(DurableFile.IsTemporary))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a path lies below a folder, and no symbolic link on the way leads elsewhere.</summary>
    internal static bool IsInside(string folder, string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (full == folder) return true;
        return IsBelow(folder, full)
            && !HasLinkOut(folder, Path.GetRelativePath(folder, full).Split(Path.DirectorySeparatorChar));
    }

    private static string Below(string folder, string relative)
    {
        var parts = relative.Split('/', '\\');
        if (parts.Any(part => part is "" or "." or ".." || part.Contains('\0') || HasDrive(part)))
            throw GyreException.Invalid($"'{relative}' is not a path below an artifact folder.");
        var path = Path.GetFullPath(Path.Combine([folder, .. parts]));
        if (!IsBelow(folder, path) || HasLinkOut(folder, parts))
            throw GyreException.Invalid($"'{relative}' leads out of its artifact folder.");
        return path;
    }

    /// <summary>A colon after one letter is a drive; elsewhere it is a mere letter, except on Windows.</summary>
    private static bool HasDrive(string part) => OperatingSystem.IsWindows()
        ? part.Contains(':')
        : part.Length > 1 && part[1] == ':' && char.IsAsciiLetter(part[0]);

    private static bool IsBelow(string folder, string path) =>
        path.StartsWith(
            Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A symbolic link somewhere along the path could lead anywhere.</summary>
    private static bool HasLinkOut(string folder, string[] parts)
    {
        var path = folder;
        foreach (var part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null) return true;
        }

        return false;
    }
}
