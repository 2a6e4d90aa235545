using System.Collections.Immutable;
using System.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training.Explanation;

namespace Gyre.Training;

/// <summary>
/// Exact Shapley values of tree models, path-dependent: what a feature outside a coalition does is averaged over the
/// training rows that passed its splits (Lundberg, Erion and Lee 2018, "Consistent Individualized Feature Attribution
/// for Tree Ensembles", algorithm 2). Thread-safe; the number of threads does not change a digit.
/// </summary>
/// <remarks>
/// 1. Every leaf's way is merged to one element per feature (<see cref="LeafPath"/>).
/// 2. Rows are taken in blocks; for each tree, the direction at every split is found for the whole block.
/// 3. At a leaf, only which elements a row passes matters: rows that pass the same ones share their contributions, so
///    a block computes each such set once. A leaf with many elements has too many sets and is computed row by row.
/// </remarks>
public static class TreeShap
{
    private const int BlockRows = 1024;

    private const int MostTabledElements = 10;

    private const int MostPaths = 20_000;

    /// <summary>Whether a pipeline's model is made of trees: boosted ones or a forest, calibrated or not, behind transforms
    /// or not.</summary>
    public static bool CanExplain(FittedPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return ExplainedTrees.Of(pipeline) is not null;
    }

    /// <summary>
    /// Explains every row of a table: of a calibrated model, the scores before calibration; of a forest, the prediction
    /// itself; with transforms, by the columns that the trees see, those that transforms add among them.
    /// </summary>
    /// <param name="pipeline">A pipeline of trees.</param>
    /// <param name="rows">A table with its input columns.</param>
    /// <param name="threads">The most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops between trees.</param>
    /// <exception cref="GyreException">The model is not made of trees, or an input column is absent.</exception>
    public static ShapExplanation Explain(
        FittedPipeline pipeline, Table rows, int threads = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(rows);
        var trees = ExplainedTrees.Of(pipeline) ?? throw ExplainedTrees.Refuse(pipeline);
        return Explain(trees, ExplainedTrees.Widen(pipeline, rows), threads, cancellationToken);
    }

    /// <summary>Explains every row of a table by a model of trees.</summary>
    /// <param name="model">The trees.</param>
    /// <param name="preprocessing">What makes their features.</param>
    /// <param name="rows">A table with the features' columns.</param>
    /// <param name="threads">The most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops between trees.</param>
    /// <exception cref="GyreException">A column is absent or of another kind.</exception>
    public static ShapExplanation Explain(
        BoostedTreesModel model, TreePreprocessing preprocessing, Table rows, int threads = 1,
        CancellationToken cancellationToken = default) =>
        Explain(ExplainedTrees.Of(model, preprocessing), rows, threads, cancellationToken);

    private static ShapExplanation Explain(
        ExplainedTrees model, Table rows, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var columns = model.Preprocessing.Encode(rows);
        var outputs = model.Start.Length;
        var contributions = new double[checked(rows.RowCount * outputs * columns.Length)];
        var blocks = (rows.RowCount + BlockRows - 1) / BlockRows;
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var baseValues = model.Start.ToArray();
        for (var (first, next) = (0, 0); first < model.Trees.Length; first = next)
        {
            // The ways to the leaves of deep trees take far more memory than the trees: only some at a time.
            var paths = new List<LeafPath[]>();
            for (var leaves = 0; next < model.Trees.Length && leaves < MostPaths; leaves += paths[^1].Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.AddLoneLeaf(next, baseValues);
                paths.Add([.. model.PathsOf(next++)]);
                foreach (var path in paths[^1])
                    foreach (var add in path.Adds) baseValues[add.Output] += add.Factor * path.Expected;
            }

            Parallel.For(0, blocks, options, () => new Block(columns.Length, outputs), (b, _, block) =>
            {
                block.Start(columns, b * BlockRows, Math.Min(BlockRows, rows.RowCount - (b * BlockRows)));
                for (var t = 0; t < paths.Count; t++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    block.Add(model.Trees[first + t], paths[t], cancellationToken);
                }

                block.AddTo(contributions);
                return block;
            }, _ => { });
        }

        return new ShapExplanation(
            [.. model.Preprocessing.Features.Select(f => f.Label)], [.. baseValues], contributions, model.Link);
    }

    /// <summary>One thread's rows, and what their features have contributed so far.</summary>
    private sealed class Block(int features, int outputs)
    {
        private readonly double[] _sums = new double[outputs * features * BlockRows];
        private readonly ushort[] _passed = new ushort[BlockRows];
        private readonly double[] _table = new double[MostTabledElements << MostTabledElements]; // by element, then set
        private readonly int[] _stamps = new int[1 << MostTabledElements];
        private float[][] _columns = [];
        private ushort[][] _goesLeft = []; // by node: all bits of a row that goes left, none of another
        private double[] _scratch = [];
        private bool[] _elements = [];
        private int _start, _count, _stamp;

        public void Start(float[][] columns, int start, int count)
        {
            (_columns, _start, _count) = (columns, start, count);
            Array.Clear(_sums);
        }

        public void Add(Tree tree, LeafPath[] paths, CancellationToken cancellationToken)
        {
            FindDirections(tree);
            foreach (var path in paths)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_scratch.Length < 3 * (path.Features.Length + 1)) _scratch = new double[6 * path.Features.Length];
                if (_elements.Length < path.Features.Length) _elements = new bool[2 * path.Features.Length];
                if (path.Features.Length <= MostTabledElements) AddTabled(path);
                else AddRowByRow(path);
            }
        }

        public void AddTo(double[] contributions)
        {
            for (var i = 0; i < _count; i++)
            {
                for (var k = 0; k < outputs * features; k++)
                    contributions[((_start + i) * outputs * features) + k] += _sums[(k * BlockRows) + i];
            }
        }

        private void FindDirections(Tree tree)
        {
            if (_goesLeft.Length < tree.NodeCount) Array.Resize(ref _goesLeft, tree.NodeCount);
            for (var node = 0; node < tree.NodeCount; node++)
            {
                if (tree.IsLeaf(node)) continue;
                var left = _goesLeft[node] ??= new ushort[BlockRows];
                var values = _columns[tree.Feature[node]].AsSpan(_start, _count);
                if (tree.CategorySet[node] >= 0)
                {
                    for (var i = 0; i < values.Length; i++) left[i] = AllBits(tree.GoesLeft(node, values[i]));
                    continue;
                }

                var (threshold, missing) = (tree.Threshold[node], tree.DefaultLeft[node]);
                for (var i = 0; i < values.Length; i++)
                    left[i] = AllBits(values[i] <= threshold || (missing && float.IsNaN(values[i])));
            }
        }

        private static ushort AllBits(bool set) => set ? ushort.MaxValue : (ushort)0;

        private Span<double> SumsOf(int output, int feature) =>
            _sums.AsSpan(((output * features) + feature) * BlockRows, BlockRows);

        private void AddTabled(LeafPath path)
        {
            var width = path.Features.Length;
            FindPassed(path);
            _stamp++;
            var passed = _passed.AsSpan(0, _count);
            foreach (var set in passed)
            {
                if (_stamps[set] == _stamp) continue;
                _stamps[set] = _stamp;
                for (var e = 0; e < width; e++) _elements[e] = (set >> e & 1) != 0;
                var contributions = _scratch.AsSpan(0, width);
                path.Contribute(_elements, contributions, _scratch.AsSpan(width));
                for (var e = 0; e < width; e++) _table[(e << MostTabledElements) + set] = contributions[e];
            }

            for (var e = 0; e < width; e++)
            {
                var table = _table.AsSpan(e << MostTabledElements, 1 << width);
                foreach (var (output, factor) in path.Adds)
                {
                    var sum = SumsOf(output, path.Features[e]);
                    for (var i = 0; i < passed.Length; i++) sum[i] += factor * table[passed[i]];
                }
            }
        }

        // Bit e of a row: it goes the path's way at all splits of element e. Rows behind the block's last are computed
        // too, and never looked at.
        private void FindPassed(LeafPath path)
        {
            _passed.AsSpan().Fill((ushort)((1 << path.Features.Length) - 1));
            foreach (var edge in path.Edges)
            {
                var left = _goesLeft[edge.Node];
                var flip = new Vector<ushort>(edge.Left ? (ushort)0 : ushort.MaxValue);
                var others = new Vector<ushort>((ushort)~(1 << edge.Element));
                for (var i = 0; i < BlockRows; i += Vector<ushort>.Count)
                    (new Vector<ushort>(_passed, i) & ((new Vector<ushort>(left, i) ^ flip) | others)).CopyTo(_passed, i);
            }
        }

        private void AddRowByRow(LeafPath path)
        {
            var width = path.Features.Length;
            var contributions = _scratch.AsSpan(0, width);
            for (var i = 0; i < _count; i++)
            {
                _elements.AsSpan(0, width).Fill(true);
                foreach (var edge in path.Edges) _elements[edge.Element] &= _goesLeft[edge.Node][i] != 0 == edge.Left;
                path.Contribute(_elements, contributions, _scratch.AsSpan(width));
                foreach (var (output, factor) in path.Adds)
                {
                    for (var e = 0; e < width; e++) SumsOf(output, path.Features[e])[i] += factor * contributions[e];
                }
            }
        }
    }
}
