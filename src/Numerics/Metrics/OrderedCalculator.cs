namespace Gyre.Numerics;

/// <summary>The median or the largest of a number per row.</summary>
internal sealed class OrderedCalculator : MetricCalculator
{
    private readonly bool _median;
    private readonly double[] _sorted;
    private readonly int[] _order;

    public OrderedCalculator(bool median, double[] values)
    {
        (_median, _sorted) = (median, [.. values]);
        _order = new int[values.Length];
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        Array.Sort(_sorted, _order);
    }

    public override double Value(ReadOnlySpan<int> counts)
    {
        var rows = 0L;
        foreach (var count in counts) rows += count;
        if (rows == 0) return double.NaN;
        return _median ? (At((rows - 1) / 2, counts) + At(rows / 2, counts)) / 2 : At(rows - 1, counts);
    }

    private double At(long place, ReadOnlySpan<int> counts)
    {
        var i = 0;
        for (var before = (long)counts[_order[0]]; before <= place; before += counts[_order[i]]) i++;
        return _sorted[i];
    }
}
