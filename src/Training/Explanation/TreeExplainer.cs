using System.Collections.Immutable;
using Gyre.Training.Explanation;

namespace Gyre.Training;

/// <summary>
/// Trees prepared for TreeSHAP: the ways to the leaves of models of moderate size are found once and kept. Thread-safe;
/// the number of threads does not change a digit, nor does what else is explained with a row.
/// </summary>
/// <remarks>
/// 1. Every leaf's way is merged to one element per feature (<see cref="LeafPath"/>).
/// 2. Rows are taken in blocks; for each tree, the direction at every split is found for the whole block.
/// 3. At a leaf, only which elements a row passes matters: rows that pass the same ones share their contributions, so
///    a block computes each such set once (<see cref="ShapBlock"/>). A leaf with many elements has too many sets and is
///    computed row by row.
/// </remarks>
public sealed class TreeExplainer
{
    private const int MostPaths = 20_000;

    private readonly ExplainedTrees _model;
    private readonly Lazy<LeafPath[][]>? _kept;

    /// <summary>Prepares trees.</summary>
    public TreeExplainer(ExplainedTrees model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        BaseValues = model.BaseValues();
        var leaves = model.Trees.Sum(tree => tree.NodeCount / 2);
        if (leaves <= MostPaths)
            _kept = new Lazy<LeafPath[][]>(() => [.. Enumerable.Range(0, model.Trees.Length).Select(PathsOf)]);
        SizeBytes = model.Trees.Sum(tree => 50L * tree.NodeCount) + (leaves <= MostPaths ? 600L * leaves : 0);
    }

    /// <summary>One per output: the mean score of the training rows, from which contributions start.</summary>
    public ImmutableArray<double> BaseValues { get; }

    /// <summary>The memory it takes, in bytes, roughly.</summary>
    public long SizeBytes { get; }

    /// <summary>What each feature adds to each row's scores.</summary>
    /// <param name="columns">One array per feature of the trees, one float32 per row, as
    /// <see cref="TreePreprocessing.Encode"/>
    /// makes them.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="threads">The most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops between leaves.</param>
    /// <returns>Row-major, rows × outputs × features.</returns>
    public double[] Explain(float[][] columns, int rows, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var contributions = new double[checked(rows * BaseValues.Length * columns.Length)];
        var size = ShapBlock.SizeFor(rows);
        var blocks = (rows + size - 1) / size;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        for (var (first, next) = (0, 0); first < _model.Trees.Length; first = next)
        {
            // The ways to the leaves of deep trees take far more memory than the trees: only some at a time.
            var paths = SomePaths(ref next, cancellationToken);
            Parallel.For(0, blocks, options, () => new ShapBlock(size, columns.Length, BaseValues.Length), (b, _, block) =>
            {
                block.Start(columns, b * size, Math.Min(size, rows - (b * size)));
                for (var t = 0; t < paths.Length; t++) block.Add(_model.Trees[first + t], paths[t], cancellationToken);
                block.AddTo(contributions);
                return block;
            }, _ => { });
        }

        return contributions;
    }

    private LeafPath[][] SomePaths(ref int next, CancellationToken cancellationToken)
    {
        if (_kept is not null)
        {
            next = _model.Trees.Length;
            return _kept.Value;
        }

        var paths = new List<LeafPath[]>();
        for (var leaves = 0; next < _model.Trees.Length && leaves < MostPaths; leaves += paths[^1].Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            paths.Add(PathsOf(next++));
        }

        return [.. paths];
    }

    private LeafPath[] PathsOf(int tree) => [.. _model.PathsOf(tree)];
}
