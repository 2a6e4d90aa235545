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

    /// <summary>Hashes files. What it learns is kept only by <see cref="RememberAsync"/>.</summary>
    public async Task<FileHashes> HashAsync(ImmutableArray<string> files, CancellationToken cancellationToken)
    {
        var known = Load();
        var learned = ImmutableDictionary.CreateBuilder<string, FileEntry?>(StringComparer.Ordinal);
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
            var age = time.GetUtcNow().UtcTicks - stamp.Ticks;
            var mayChangeUnseen = age < _coarsestFileTime.Ticks || Stamp(file) != stamp;
            if (!mayChangeUnseen) learned[file] = new FileEntry(stamp.Length, stamp.Ticks, hashes[^1].Hex);
            else if (entry is not null) learned[file] = null;
        }

        return new FileHashes(hashes.MoveToImmutable(), learned.ToImmutable());
    }

    /// <summary>Keeps what <see cref="HashAsync"/> learned, once what the files were read for is done.</summary>
    public async Task RememberAsync(FileHashes hashes, CancellationToken cancellationToken)
    {
        if (hashes.Learned.IsEmpty) return;
        var known = Load();
        foreach (var (file, entry) in hashes.Learned)
        {
            if (entry is null) known.Remove(file);
            else known[file] = entry;
        }

        await DurableFile.WriteTextAsync(path, JsonSerializer.Serialize(known), cancellationToken);
    }

    private async Task<ContentHash> ReadAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 18,
            FileOptions.SequentialScan);
        return await ContentHash.OfAsync(stream, cancellationToken);
    }

    private Dictionary<string, FileEntry> Load()
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<Dictionary<string, FileEntry>>(File.ReadAllText(path)) ?? []
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
}

/// <summary>Hashes of files, in their order, and what is to be remembered of them: null to forget one.</summary>
internal sealed record FileHashes(
    ImmutableArray<ContentHash> Hashes, ImmutableDictionary<string, FileEntry?> Learned);

/// <summary>A file's size in bytes, its time of change in UTC ticks and the hash of its content then, in hex.</summary>
internal sealed record FileEntry(long Length, long Ticks, string Hash);
