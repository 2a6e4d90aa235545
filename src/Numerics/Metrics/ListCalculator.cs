using System.Collections.Immutable;

namespace Gyre.Numerics;

/// <summary>
/// Metrics of lists of recommendations, the mean over users: a user's rows are the items that were wanted, and of each
/// the place
/// in the user's list is known. Within a user the gain is discounted by log2 of the place and divided by the gain of
/// the best
/// list; the hit rate is 1 when any wanted item is listed; the average precision is divided by as many places as wanted
/// items could take. With one wanted item a user they are 1/log2(1 + place), 0 or 1, and 1/place.
/// </summary>
/// <remarks>
/// A row that is drawn several times by a bootstrap counts as often: the metric is then a ratio of sums over rows,
/// each row
/// carrying its share of its user's value and weight.
/// </remarks>
internal sealed class ListCalculator : MetricCalculator
{
    private const int Places = 10;

    private readonly double[] _values;
    private readonly double[] _weights;

    private ListCalculator(double[] values, double[] weights) => (_values, _weights) = (values, weights);

    /// <summary>The names of these metrics.</summary>
    public static ImmutableArray<string> Names { get; } = ["ndcg_at_10", "hr_at_10", "map_at_10"];

    /// <summary>Prepares a metric over rows of three numbers: value, place and user.</summary>
    public static ListCalculator Create(string name, ReadOnlySpan<double> predicted)
    {
        var rows = predicted.Length / 3;
        var users = new Dictionary<double, List<int>>();
        for (var row = 0; row < rows; row++)
        {
            var user = predicted[(row * 3) + 2];
            if (!users.TryGetValue(user, out var own)) users.Add(user, own = []);
            own.Add(row);
        }

        var (values, weights) = (new double[rows], new double[rows]);
        foreach (var own in users.Values)
        {
            foreach (var row in own)
            {
                weights[row] = 1.0 / own.Count;
                values[row] = Share(name, predicted, own, row);
            }
        }

        return new ListCalculator(values, weights);
    }

    public override double Value(ReadOnlySpan<int> counts)
    {
        double sum = 0, total = 0;
        for (var row = 0; row < _values.Length; row++)
        {
            sum += counts[row] * _values[row];
            total += counts[row] * _weights[row];
        }

        return total == 0 ? double.NaN : sum / total;
    }

    /// <summary>A row's share of its user's value; the shares of a user's rows add up to it.</summary>
    private static double Share(string name, ReadOnlySpan<double> predicted, List<int> own, int row)
    {
        var place = predicted[(row * 3) + 1];
        if (name == "hr_at_10")
        {
            foreach (var other in own)
                if (predicted[(other * 3) + 1] is >= 1 and <= Places) return 1.0 / own.Count;
            return 0;
        }

        if (place is not (>= 1 and <= Places)) return 0;
        var possible = Math.Min(own.Count, Places);
        if (name == "map_at_10")
        {
            var before = 0;
            foreach (var other in own) before += predicted[(other * 3) + 1] is var at && at >= 1 && at <= place ? 1 : 0;
            return before / place / possible;
        }

        var best = 0.0;
        for (var i = 1; i <= possible; i++) best += 1 / Math.Log2(1 + i);
        return 1 / Math.Log2(1 + place) / best;
    }
}
