using System.Text.RegularExpressions;

namespace Gyre.Tracking.Retention;

/// <summary>Removes folders of artifacts: below the artifact root, or where a run of another server put them.</summary>
internal sealed partial class ArtifactRemoval(ArtifactStore store, IArtifactRepository repository)
{
    /// <summary>
    /// Removes what an address names; what is gone already counts as removed. False when it is not ours to remove, null
    /// when the artifact folder itself is not there: then it lies in another place, which was not named.
    /// </summary>
    public async Task<bool?> RemoveAsync(string uri, CancellationToken cancellationToken)
    {
        if (repository.FindPath(uri) is { } path)
        {
            if (path.Length == 0) return false; // the root is nobody's
            var isLocal = repository is LocalArtifacts;
            if (isLocal && !Directory.Exists(store.Root)) return null;
            await repository.DeleteAsync(path, cancellationToken);
            if (isLocal && store.FindFolder(uri) is { } place) RemoveEmpty(Path.GetDirectoryName(place));
            return true;
        }

        // A client may have named any folder as a place; only what a run or model makes below it is its own.
        if (store.FindFolder(uri) is not { } folder || !OwnFolder().IsMatch(folder.Replace('\\', '/'))) return false;
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        RemoveEmpty(Path.GetDirectoryName(folder));
        return true;
    }

    /// <summary>The run's own folder, which held nothing else.</summary>
    private void RemoveEmpty(string? folder)
    {
        if (folder is null || folder == store.Root || !Directory.Exists(folder)) return;
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    [GeneratedRegex("/([0-9a-f]{32}|m-[0-9a-f]{32}|tr-[0-9a-f]{32})/artifacts$")]
    private static partial Regex OwnFolder();
}
