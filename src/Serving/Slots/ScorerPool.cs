using System.Security.Cryptography;
using System.Text;
using Gyre.Models;

namespace Gyre.Serving.Slots;

/// <summary>
/// Scorers by the content of their packages: versions, models and tenants with the same bytes share one session.
/// Thread-safe.
/// </summary>
internal sealed class ScorerPool(ScorerLoader load)
{
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
        var graph = Path.Combine(folder, "model.onnx");
        var manifest = Path.Combine(folder, "MLmodel");
        // Of a package of Gyre the graph and its explanation tell everything that is served; other files name its run.
        // Whatever else is served may read any file of its folder: weights, names of classes.
        var explanation = Path.Combine(folder, ExplanationExport.FileName);
        var files = File.Exists(graph) && File.Exists(manifest) && IsOwn(manifest)
                ? File.Exists(explanation) ? [graph, explanation] : [graph]
            : Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            : File.Exists(folder) ? [folder]
            : Array.Empty<string>();
        if (files.Length == 0) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, path) + "\0"));
            using var stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsOwn(string manifest) =>
        File.ReadAllText(manifest).Contains("gyre:", StringComparison.Ordinal);
}
