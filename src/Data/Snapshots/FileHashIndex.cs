using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Primitives;

namespace Gyre.Data.Snapshots;

/// <summary>
/// Remembers the content hash of files by size and time of change, so that an unchanged file is not read again. A file
/// that changed within the last seconds is not remembered: it could change again without its time showing it.
/// </summary>
internal sealed class FileHashIndex(string path, TimeProvider time)
{
    private static readonly TimeSpan _coarsestFileTime = TimeSpan.FromSeconds(2);

    /// <summary>How many files were read so far, for tests.</summary>
    internal int FilesRead { get; private set; }

    public async Task<ImmutableArray<ContentHash>> HashAsync(
        ImmutableArray<string> files, CancellationToken cancellationToken)
    {
        var known = Load();
        var changed = false;
        var hashes = ImmutableArray.CreateBuilder<ContentHash>(files.Length);
        foreach (var file in files)
        {
            var stamp = Stamp(file);
            if (known.TryGetValue(file, out var entry) && entry.Length == stamp.Length && entry.Ticks == stamp.Ticks)
            {
                hashes.Add(ContentHash.Parse(entry.Hash));
                continue;
            }

            hashes.Add(await ReadAsync(file, cancellationToken));
            changed |= known.Remove(file);
            if (time.GetUtcNow().UtcTicks - stamp.Ticks < _coarsestFileTime.Ticks || Stamp(file) != stamp) continue;
            known[file] = new Entry(stamp.Length, stamp.Ticks, hashes[^1].Hex);
            changed = true;
        }

        if (changed) await DurableFile.WriteTextAsync(path, JsonSerializer.Serialize(known), cancellationToken);
        return hashes.MoveToImmutable();
    }

    private async Task<ContentHash> ReadAsync(string file, CancellationToken cancellationToken)
    {
        FilesRead++;
        await using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 18,
            FileOptions.SequentialScan);
        return await ContentHash.OfAsync(stream, cancellationToken);
    }

    private Dictionary<string, Entry> Load()
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllText(path)) ?? []
                : [];
        }
        catch (Exception ex) when (ex is JsonException or IOException)
        {
            return []; // it only saves time
        }
    }

    private static (long Length, long Ticks) Stamp(string file)
    {
        var about = new FileInfo(file);
        return (about.Length, about.LastWriteTimeUtc.Ticks);
    }

    private sealed record Entry(long Length, long Ticks, string Hash);
}
