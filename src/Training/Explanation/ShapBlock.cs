using System.Numerics;

namespace Gyre.Training.Explanation;

/// <summary>One thread's rows, and what their features have contributed so far.</summary>
internal sealed class ShapBlock(int size, int features, int outputs)
{
    private const int MostRows = 1024;

    private const int MostTabledElements = 10;

    /// <summary>Fewer rows than this share too little to look contributions up.</summary>
    private const int FewestTabledRows = 4;

    private readonly double[] _sums = new double[outputs * features * size];
    private readonly ushort[] _passed = new ushort[size];
    private double[] _table = []; // by element, then set
    private int[] _stamps = [];
    private float[][] _columns = [];
    private ushort[][] _goesLeft = []; // by node: all bits of a row that goes left, none of another
    private double[] _scratch = [];
    private bool[] _elements = [];
    private int _start, _count, _stamp;

    /// <summary>The rows of a block when so many are explained: a multiple of what a vector holds.</summary>
    public static int SizeFor(int rows)
    {
        var lanes = Vector<ushort>.Count;
        return Math.Clamp((rows + lanes - 1) / lanes * lanes, lanes, MostRows);
    }

    /// <summary>Begins with other rows.</summary>
    public void Start(float[][] columns, int start, int count)
    {
        (_columns, _start, _count) = (columns, start, count);
        Array.Clear(_sums);
    }

    /// <summary>Adds what a tree says of the rows.</summary>
    public void Add(Tree tree, LeafPath[] paths, CancellationToken cancellationToken)
    {
        FindDirections(tree);
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_scratch.Length < 3 * (path.Features.Length + 1)) _scratch = new double[6 * path.Features.Length];
            if (_elements.Length < path.Features.Length) _elements = new bool[2 * path.Features.Length];
            if (_count >= FewestTabledRows && path.Features.Length <= MostTabledElements) AddTabled(path);
            else AddRowByRow(path);
        }
    }

    /// <summary>Adds the sums to the contributions of all rows.</summary>
    public void AddTo(double[] contributions)
    {
        for (var i = 0; i < _count; i++)
        {
            for (var k = 0; k < outputs * features; k++)
                contributions[((_start + i) * outputs * features) + k] += _sums[(k * size) + i];
        }
    }

    private void FindDirections(Tree tree)
    {
        if (_goesLeft.Length < tree.NodeCount) Array.Resize(ref _goesLeft, tree.NodeCount);
        for (var node = 0; node < tree.NodeCount; node++)
        {
            if (tree.IsLeaf(node)) continue;
            var left = _goesLeft[node] ??= new ushort[size];
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
        _sums.AsSpan(((output * features) + feature) * size, size);

    private void AddTabled(LeafPath path)
    {
        var width = path.Features.Length;
        if (_table.Length == 0)
            (_table, _stamps) = (new double[MostTabledElements << MostTabledElements], new int[1 << MostTabledElements]);
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
            for (var i = 0; i < size; i += Vector<ushort>.Count)
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
