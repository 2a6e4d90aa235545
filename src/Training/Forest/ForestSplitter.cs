using System.Numerics;
using Gyre.Numerics;
using Gyre.Training.Boosting;

namespace Gyre.Training.Forest;

/// <summary>
/// Finds a node's split: over some features drawn at random, the best threshold or parting of categories (random
/// forests), or the best of one drawn at random per feature (extra trees). Only bins that rows of the node have are
/// looked at, so that a small node costs what its rows cost. Not thread-safe.
/// </summary>
internal sealed class ForestSplitter
{
    private readonly BinnedMatrix _matrix;
    private readonly ForestTarget _target;
    private readonly bool _random;
    private readonly int _leastRows;
    private readonly int _perNode;
    private readonly int[] _features;
    private readonly double[] _bins;
    private readonly double[] _left;
    private readonly double[] _right;
    private readonly double[] _withMissing;
    private readonly int[] _used = new int[256];
    private readonly int[] _order = new int[256];
    private readonly double[] _keys = new double[256];
    private double[] _total = [];
    private double _parent;

    public ForestSplitter(BinnedMatrix matrix, ForestTarget target, ForestKind kind, int leastRows, int perNode)
    {
        (_matrix, _target, _random, _leastRows, _perNode) =
            (matrix, target, kind == ForestKind.Extra, leastRows, perNode);
        _features = new int[matrix.Features.Length];
        _bins = new double[256 * target.Stride];
        _left = new double[target.Stride];
        _right = new double[target.Stride];
        _withMissing = new double[target.Stride];
    }

    /// <summary>Forgets the order in which features were drawn, so that a tree depends on its own seed alone.</summary>
    public void Reset()
    {
        for (var f = 0; f < _features.Length; f++) _features[f] = f;
    }

    /// <summary>The split; none when the rows cannot be told apart. Looks on beyond its share of features until one
    /// splits.</summary>
    public SplitCandidate Find(ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, double[] total, SeededRandom random)
    {
        _total = total;
        _parent = ForestTarget.Score(total);
        var best = default(SplitCandidate);
        for (var i = 0; i < _features.Length && (i < _perNode || !best.Exists); i++)
        {
            var j = i + random.NextInt(_features.Length - i);
            (_features[i], _features[j]) = (_features[j], _features[i]);
            var (values, hasMissing) = Sum(_features[i], rows, weights);
            if (values + (hasMissing ? 1 : 0) > 1) TryFeature(_features[i], values, hasMissing, random, ref best);
            for (var k = 0; k < values + (hasMissing ? 1 : 0); k++) Bin(_used[k]).Clear();
        }

        return best;
    }

    // The used bins of values stand first in _used, ascending; then that of missing values.
    private (int Values, bool HasMissing) Sum(int feature, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights)
    {
        var column = _matrix.Columns[feature];
        var used = default(BinSet);
        foreach (var row in rows)
        {
            var bin = column[row];
            used.Add(bin);
            _target.Add(Bin(bin), row, weights[row]);
        }

        var count = 0;
        for (var word = 0; word < 4; word++)
        {
            for (var bits = used[word]; bits != 0; bits &= bits - 1)
                _used[count++] = (word << 6) + BitOperations.TrailingZeroCount(bits);
        }

        var hasMissing = _used[count - 1] == _matrix.Features[feature].MissingBin;
        return (hasMissing ? count - 1 : count, hasMissing);
    }

    private void TryFeature(int feature, int values, bool hasMissing, SeededRandom random, ref SplitCandidate best)
    {
        var categorical = _matrix.Features[feature].IsCategorical;
        if (categorical && _random) DrawCategories(feature, values + (hasMissing ? 1 : 0), random, ref best);
        else if (categorical) TryCategories(feature, values + (hasMissing ? 1 : 0), ref best);
        else if (_random) DrawThreshold(feature, values, hasMissing, random, ref best);
        else TryThresholds(feature, values, hasMissing, ref best);
    }

    private void TryThresholds(int feature, int values, bool hasMissing, ref SplitCandidate best)
    {
        Array.Clear(_left);
        for (var i = 0; i < (hasMissing ? values : values - 1); i++)
        {
            Add(_left, Bin(_used[i]));
            var at = CutAfter(feature, i, values);
            TryThreshold(feature, at, _left, !hasMissing && _left[0] > _total[0] - _left[0], ref best);
            if (!hasMissing || i == values - 1) continue;
            _left.CopyTo(_withMissing, 0);
            Add(_withMissing, Bin(_used[values]));
            TryThreshold(feature, at, _withMissing, true, ref best);
        }
    }

    // Between two used bins the middle one, as exact trees cut in the middle between values.
    private int CutAfter(int feature, int i, int values) =>
        i == values - 1 ? _matrix.Features[feature].ValueBins - 1 : (_used[i] + _used[i + 1] - 1) / 2;

    private void TryThreshold(int feature, int bin, double[] left, bool missingLeft, ref SplitCandidate best)
    {
        var gain = Gain(left);
        if (gain <= best.Gain) return;
        best = new SplitCandidate { Feature = feature, Bin = bin, Gain = gain, MissingLeft = missingLeft };
        for (var b = 0; b <= bin; b++) best.Left.Add(b);
        if (missingLeft) best.Left.Add(_matrix.Features[feature].MissingBin);
    }

    // Uniform between the smallest and the largest value, as far as bins can tell; missing values go to a random side.
    private void DrawThreshold(int feature, int values, bool hasMissing, SeededRandom random, ref SplitCandidate best)
    {
        var bins = _matrix.Features[feature];
        var at = bins.ValueBins - 1;
        if (values > 1)
        {
            double low = bins.UpperEdge(_used[0]), high = bins.UpperEdge(_used[values - 1] - 1);
            var drawn = bins.BinOf((float)(low + (random.NextDouble() * (high - low))));
            at = Math.Clamp(drawn, _used[0], _used[values - 1] - 1);
        }

        var missingLeft = values > 1 && hasMissing && random.NextInt(2) == 0;
        Array.Clear(_left);
        for (var i = 0; i < values && _used[i] <= at; i++) Add(_left, Bin(_used[i]));
        if (missingLeft) Add(_left, Bin(_used[values]));
        TryThreshold(feature, at, _left, hasMissing ? missingLeft : _left[0] > _total[0] - _left[0], ref best);
    }

    // In order of their mean (for two classes or a number Fisher 1958: the best parting is a cut of that order; for more
    // classes by the share of the node's largest).
    private void TryCategories(int feature, int count, ref SplitCandidate best)
    {
        var key = 2;
        for (var k = 3; k < _total.Length; k++) key = _total[k] > _total[key] ? k : key;
        for (var i = 0; i < count; i++)
        {
            var sums = Bin(_used[i]);
            (_order[i], _keys[i]) = (_used[i], sums[key] / sums[0]);
        }

        Array.Sort(_keys, _order, 0, count);
        Array.Clear(_left);
        for (var i = 0; i < count - 1; i++)
        {
            Add(_left, Bin(_order[i]));
            TryCategories(feature, _order.AsSpan(0, i + 1), _order.AsSpan(i + 1, count - i - 1), ref best);
        }
    }

    private void DrawCategories(int feature, int count, SeededRandom random, ref SplitCandidate best)
    {
        var left = 0;
        for (var i = 0; i < count; i++) _order[i] = _used[i];
        for (var i = 0; i < count; i++)
        {
            if (random.NextInt(2) == 0) continue;
            (_order[left], _order[i]) = (_order[i], _order[left]);
            left++;
        }

        if (left == 0 || left == count) left = 1 + random.NextInt(count - 1);
        Array.Clear(_left);
        for (var i = 0; i < left; i++) Add(_left, Bin(_order[i]));
        TryCategories(feature, _order.AsSpan(0, left), _order.AsSpan(left, count - left), ref best);
    }

    // The lighter side is made the left set, so that categories not seen in this node follow the heavier.
    private void TryCategories(int feature, ReadOnlySpan<int> left, ReadOnlySpan<int> right, ref SplitCandidate best)
    {
        var gain = Gain(_left);
        if (gain <= best.Gain) return;
        best = new SplitCandidate { Feature = feature, Bin = -1, Gain = gain };
        foreach (var bin in _left[0] > _total[0] - _left[0] ? right : left)
        {
            best.Left.Add(bin);
            best.MissingLeft |= bin == _matrix.Features[feature].MissingBin;
        }
    }

    private double Gain(double[] left)
    {
        for (var k = 0; k < left.Length; k++) _right[k] = _total[k] - left[k];
        if (Math.Min(left[1], _right[1]) < _leastRows || left[0] <= 0 || _right[0] <= 0) return 0;
        var gain = ForestTarget.Score(left) + ForestTarget.Score(_right) - _parent;
        return gain > 1e-12 * _parent ? gain : 0; // below that it is what rounding leaves
    }

    private Span<double> Bin(int bin) => _bins.AsSpan(bin * _target.Stride, _target.Stride);

    private static void Add(double[] sums, ReadOnlySpan<double> bin)
    {
        for (var k = 0; k < sums.Length; k++) sums[k] += bin[k];
    }
}
