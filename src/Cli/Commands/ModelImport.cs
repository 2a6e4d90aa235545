using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>A model that became a version.</summary>
/// <param name="Name">The registered model.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsNew">False when the champion had the same bytes already.</param>
internal sealed record ImportedModel(string Name, int Version, bool IsNew);

/// <summary>Registers a model that was made elsewhere and makes it the champion.</summary>
internal static class ModelImport
{
    private const string Folder = "imported";

    /// <summary>Registers a file or folder.</summary>
    /// <param name="path">An .onnx file, or a folder with one.</param>
    /// <param name="name">The model's name; by default the file's or folder's own.</param>
    /// <param name="database">Where it is registered.</param>
    /// <param name="artifacts">Where it is copied to.</param>
    /// <param name="cancellationToken">Ends the work; a copy that is not registered yet is removed.</param>
    /// <exception cref="GyreException">It is absent, no model that can be served, or the name is not allowed.</exception>
    public static async Task<ImportedModel> RegisterAsync(
        string path, string? name, TrackingDatabase database, ArtifactStore artifacts,
        CancellationToken cancellationToken)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!File.Exists(full) && !Directory.Exists(full))
            throw GyreException.NotFound($"{path}: there is no such file or folder.");
        Check(full);
        name ??= Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
        var files = FilesOf(full);
        var hash = PackageHash.Of(files);
        var registry = new ModelRegistry(database, artifacts, TimeProvider.System);
        if (registry.GetByAlias(name, ModelAliases.Champion) is { } champion && HashOf(champion, artifacts) == hash)
            return new ImportedModel(name, champion.Version, IsNew: false);

        var target = Path.Combine(artifacts.Root, Folder, hash[..16]);
        Copy(files, target, cancellationToken);
        var version = await registry.CreateVersionAsync(
            name, target, runId: null, description: $"Imported from {Path.GetFileName(full)}",
            cancellationToken: cancellationToken);
        await registry.SetAliasAsync(
            name, ModelAliases.Champion, version.Version, "gyre serve", CancellationToken.None);
        return new ImportedModel(name, version.Version, IsNew: true);
    }

    // What cannot be served must not become champion: the error names the file and the cause.
    private static void Check(string path)
    {
        if (GraphModel.IsGyres(path)) ModelScorer.Load(path).Dispose();
        else GraphModel.Load(path).Dispose();
    }

    private static string? HashOf(ModelVersion version, ArtifactStore artifacts) =>
        artifacts.FindFolder(version.Source) is { } folder && Directory.Exists(folder)
            ? PackageHash.Of(FilesOf(folder)) : null;

    /// <summary>
    /// What belongs to a model: of a folder all files; of a file itself, the files that hold its weights (the same name
    /// with more behind it, as exporters call them) and the names of its classes.
    /// </summary>
    private static List<(string Name, string Path)> FilesOf(string path)
    {
        if (Directory.Exists(path))
        {
            return [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(file => (Path.GetRelativePath(path, file), file)).OrderBy(f => f.Item1, StringComparer.Ordinal)];
        }

        var folder = Path.GetDirectoryName(path)!; // a full path of a file has one
        return [.. Directory.EnumerateFiles(folder)
            .Where(file => Path.GetFileName(file).StartsWith(Path.GetFileName(path), StringComparison.Ordinal)
                || Path.GetFileName(file) == "config.json")
            .Select(file => (Path.GetFileName(file), file)).OrderBy(f => f.Item1, StringComparer.Ordinal)];
    }

    // Into a folder of another name first: a copy that was cut off is never taken for the whole.
    private static void Copy(List<(string Name, string Path)> files, string target, CancellationToken cancellationToken)
    {
        if (Directory.Exists(target)) return;
        var partial = target + ".partial";
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        try
        {
            foreach (var (name, path) in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var copy = Path.Combine(partial, name);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!); // it lies in the folder
                File.Copy(path, copy);
            }

            Directory.Move(partial, target);
        }
        catch
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
            throw;
        }
    }
}
