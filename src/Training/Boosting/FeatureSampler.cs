using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>Draws the features that a tree, a depth of it and a node may use, each from those of the one before. Not
/// thread-safe: one per tree.</summary>
internal sealed class FeatureSampler
{
    private readonly BoostingOptions _options;
    private readonly SeededRandom _random;
    private readonly int _features;
    private readonly int[]? _tree;
    private readonly List<int[]?> _levels = [];

    public FeatureSampler(BoostingOptions options, int features, SeededRandom random)
    {
        (_options, _features, _random) = (options, features, random);
        _tree = Sample(null, options.FeatureShare);
    }

    /// <summary>The features that a node at a depth may use; null for all. Each call draws anew.</summary>
    public bool[]? ForNode(int depth)
    {
        while (_levels.Count <= depth) _levels.Add(Sample(_tree, _options.LevelFeatureShare));
        var chosen = Sample(_levels[depth], _options.NodeFeatureShare);
        if (chosen is null) return null;
        var allowed = new bool[_features];
        foreach (var f in chosen) allowed[f] = true;
        return allowed;
    }

    // Two features at least are left to compare; null means all.
    private int[]? Sample(int[]? from, double share)
    {
        var count = from?.Length ?? _features;
        var size = Math.Max(Math.Min(count, 2), (int)Math.Round(count * share));
        if (size == count) return from;
        var drawn = _random.Sample(count, size);
        return from is null ? drawn : Array.ConvertAll(drawn, i => from[i]);
    }
}
