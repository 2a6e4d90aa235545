using System.Collections.Immutable;
using System.Globalization;

namespace Gyre.Data.Inspection;

/// <summary>
/// Finds a few columns of which the target is a weighted sum. 1. Columns and target are centred; missing values count as the
/// mean. 2. All pairs, from their correlations. 3. If none fits, columns are added one by one (forward selection, each
/// orthogonal to those before), then those not needed are dropped.
/// </summary>
internal sealed record LinearLeakage(ImmutableArray<string> Columns, double R2, bool IsPlainSum)
{
    private const double Suspect = 0.9999;
    private const int MostColumns = 100;
    private const int MostTerms = 4;

    public sealed record Candidate(string Name, double[] Values);

    public string Describe(string target)
    {
        var names = string.Join(IsPlainSum ? " + " : ", ", Columns.Select(c => $"'{c}'"));
        return IsPlainSum
            ? $"{names} = '{target}': together they give the target away"
            : string.Create(CultureInfo.InvariantCulture, $"{names} together determine '{target}' (R² {R2:0.00000} as a weighted sum)");
    }

    /// <summary>Pearson's correlation over the rows where x is present; 0 where one does not vary.</summary>
    public static double Correlation(double[] x, double[] y)
    {
        double n = 0, sx = 0, sy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i])) continue;
            n++;
            sx += x[i];
            sy += y[i];
        }

        double xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i])) continue;
            var (dx, dy) = (x[i] - sx / n, y[i] - sy / n);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }

        return n < 3 || xx == 0 || yy == 0 ? 0 : xy / Math.Sqrt(xx * yy);
    }

    public static LinearLeakage? Find(IReadOnlyList<Candidate> candidates, double[] y)
    {
        var nearest = candidates.Select(c => (c.Name, c.Values, R: Math.Abs(Correlation(c.Values, y))))
            .OrderByDescending(c => c.R).Take(MostColumns).ToList();
        var names = nearest.ConvertAll(c => c.Name);
        var vectors = nearest.ConvertAll(c => Unit(c.Values));
        var goal = Unit(y);
        var found = BestPair(vectors, goal) ?? Forward(vectors, goal);
        if (found is not { } set || set.Indices.Any(i => vectors[i].All(v => v == 0))) return null;
        var isSum = IsSum([.. set.Indices.Select(i => nearest[i].Values)], y);
        return new LinearLeakage([.. set.Indices.Order().Select(i => names[i]).Order(StringComparer.Ordinal)], set.R2, isSum);
    }

    private static (int[] Indices, double R2)? BestPair(List<double[]> x, double[] y)
    {
        var r = x.ConvertAll(v => Dot(v, y));
        (int[], double)? best = null;
        for (var i = 0; i < x.Count; i++)
        {
            for (var j = i + 1; j < x.Count; j++)
            {
                var between = Dot(x[i], x[j]);
                var free = 1 - between * between;
                if (free < 1e-9) continue;
                var r2 = (r[i] * r[i] + r[j] * r[j] - 2 * r[i] * r[j] * between) / free;
                if (r2 >= Suspect && (best is null || r2 > best.Value.Item2)) best = ([i, j], Math.Min(1, r2));
            }
        }

        return best;
    }

    private static (int[] Indices, double R2)? Forward(List<double[]> x, double[] y)
    {
        var chosen = new List<int>();
        while (chosen.Count < MostTerms)
        {
            var open = Enumerable.Range(0, x.Count).Except(chosen).ToList();
            if (open.Count == 0) return null;
            var best = open.Select(i => (Index: i, R2: Explained(x, [.. chosen, i], y))).MaxBy(t => t.R2);
            chosen.Add(best.Index);
            if (best.R2 < Suspect) continue;
            foreach (var i in chosen.ToArray())
            {
                if (Explained(x, [.. chosen.Where(c => c != i)], y) >= Suspect) chosen.Remove(i);
            }

            return ([.. chosen], Explained(x, [.. chosen], y));
        }

        return null;
    }

    // Share of y that lies in the span of the columns: Gram-Schmidt.
    private static double Explained(List<double[]> x, int[] columns, double[] y)
    {
        var basis = new List<double[]>();
        var r2 = 0.0;
        foreach (var column in columns)
        {
            var v = (double[])x[column].Clone();
            foreach (var b in basis) Subtract(v, b, Dot(v, b));
            var length = Math.Sqrt(Dot(v, v));
            if (length < 1e-6) continue;
            for (var i = 0; i < v.Length; i++) v[i] /= length;
            basis.Add(v);
            var r = Dot(v, y);
            r2 += r * r;
        }

        return Math.Min(1, r2);
    }

    private static double[] Unit(double[] x)
    {
        var present = x.Where(v => !double.IsNaN(v)).ToArray();
        var mean = present.Length == 0 ? 0 : present.Average();
        var unit = Array.ConvertAll(x, v => double.IsNaN(v) ? 0 : v - mean);
        var length = Math.Sqrt(Dot(unit, unit));
        return length == 0 ? unit : Array.ConvertAll(unit, v => v / length);
    }

    private static bool IsSum(double[][] columns, double[] y)
    {
        var equal = 0;
        for (var i = 0; i < y.Length; i++)
        {
            var sum = columns.Sum(c => c[i]);
            if (Math.Abs(sum - y[i]) <= 1e-9 * Math.Max(1, Math.Abs(y[i]))) equal++;
        }

        return equal >= 0.999 * y.Length;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Subtract(double[] target, double[] direction, double amount)
    {
        for (var i = 0; i < target.Length; i++) target[i] -= amount * direction[i];
    }
}
