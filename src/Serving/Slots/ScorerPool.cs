using System.Security.Cryptography;

namespace Gyre.Serving.Slots;

/// <summary>
/// Scorers by the content of their packages: versions, models and tenants with the same bytes share one session.
/// Thread-safe.
/// </summary>
internal sealed class ScorerPool(ScorerLoader load)
{
    // What a scorer is made of; the other files of a package tell where it came from.
    private static readonly string[] Files = ["model.onnx", "MLmodel", "config.json"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Shared<IScorer>> _scorers = new(StringComparer.Ordinal);

    /// <summary>A scorer for a package, held once for the caller, who releases it.</summary>
    /// <exception cref="Primitives.GyreException">The package cannot be loaded.</exception>
    public Shared<IScorer> Acquire(string folder)
    {
        if (ContentOf(folder) is not { } content) return new Shared<IScorer>(load(folder));
        lock (_lock)
        {
            if (_scorers.TryGetValue(content, out var known) && known.TryHold()) return known;
        }

        var fresh = new Shared<IScorer>(load(folder));
        lock (_lock)
        {
            foreach (var (key, scorer) in _scorers.ToArray())
            {
                if (scorer.IsGone) _scorers.Remove(key);
            }

            _scorers[content] = fresh;
        }

        return fresh;
    }

    private static string? ContentOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var found = false;
        foreach (var name in FilesOf(folder))
        {
            var path = Path.Combine(folder, name);
            // The manifest names the version's own run, so that it differs where the model does not.
            if (name == "MLmodel" && found && IsOwn(path)) continue;
            if (!File.Exists(path)) continue;
            found = true;
            using var stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }

        return found ? Convert.ToHexStringLower(hash.GetHashAndReset()) : null;
    }

    // A graph that nobody packed may have its weights in files of any name beside it.
    private static IEnumerable<string> FilesOf(string folder) =>
        !Directory.Exists(folder) || File.Exists(Path.Combine(folder, "MLmodel"))
            ? Files : Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>Whether a manifest is of a package of Gyre, whose graph tells everything that is served.</summary>
    private static bool IsOwn(string manifest) =>
        !File.Exists(manifest) || File.ReadAllText(manifest).Contains("gyre", StringComparison.OrdinalIgnoreCase);
}
