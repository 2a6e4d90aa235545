using System.Collections.Immutable;

namespace Gyre.Serving.Traffic.Assignment;

/// <summary>
/// Deals keys to weighted arms so that a changed weight moves no key but those it must: weighted rendezvous hashing
/// (Thaler and Ravishankar 1998; the weighting by −ln(u)/w of Schindelhauer and Schomaker 2005). Each arm draws for
/// each key an exponential number of the arm's rate, and the smallest wins; an arm's share is its weight's share of
/// all. Immutable.
/// </summary>
internal sealed class ArmChooser
{
    private readonly KeyPoints[] _points;
    private readonly double[] _weights;
    private readonly double _total;

    /// <param name="salt">The test's salt.</param>
    /// <param name="arms">Names, which keys stay with, and weights of at least 0, not all 0.</param>
    public ArmChooser(string salt, ImmutableArray<(string Name, double Weight)> arms)
    {
        _points = [.. arms.Select(arm => new KeyPoints($"{salt}/{arm.Name}"))];
        _weights = [.. arms.Select(arm => arm.Weight)];
        _total = _weights.Sum();
    }

    /// <summary>The arm of a key.</summary>
    public int Of(string key)
    {
        var best = double.PositiveInfinity;
        var chosen = 0;
        for (var i = 0; i < _points.Length; i++)
        {
            if (_weights[i] <= 0) continue;
            var draw = -Math.Log(1 - _points[i].Of(key)) / _weights[i]; // 1 − u is never 0
            if (draw >= best) continue;
            (best, chosen) = (draw, i);
        }

        return chosen;
    }

    /// <summary>The arm at a random place in [0, 1).</summary>
    public int At(double point)
    {
        var left = point * _total;
        var last = 0;
        for (var i = 0; i < _weights.Length; i++)
        {
            if (_weights[i] <= 0) continue;
            last = i;
            if (left < _weights[i]) return i;
            left -= _weights[i];
        }

        return last;
    }
}
