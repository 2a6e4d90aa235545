using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Sums trees over a table's rows in the way that is fastest for them; it is laid out at the first use.
/// Thread-safe.</summary>
internal sealed class TreeScorer
{
    private readonly Lazy<MaskedTrees?> _masked;
    private readonly Lazy<FlatTrees> _flat;

    public TreeScorer(ImmutableArray<Tree> trees)
    {
        _masked = new Lazy<MaskedTrees?>(() => MaskedTrees.Of(trees));
        _flat = new Lazy<FlatTrees>(() => new FlatTrees(trees));
    }

    /// <inheritdoc cref="MaskedTrees.Add"/>
    public void Add(TreePreprocessing preprocessing, Table table, double[] scores, int outputs, int threads)
    {
        if (_masked.Value is { } masked) masked.Add(preprocessing, table, scores, outputs, threads);
        else _flat.Value.Add(preprocessing, table, scores, outputs, threads);
    }
}
