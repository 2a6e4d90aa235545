using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// k-means: centres seeded far apart by chance (k-means++, Arthur and Vassilvitskii 2007), then moved to the mean of the
/// rows nearest to them until none changes (Lloyd 1982). The best of a few seedings is taken.
/// </summary>
internal static class ClustersFitter
{
    private const int Seedings = 4;
    private const int MaxRounds = 100;

    /// <summary>More rows would move centres by less than they differ between seedings.</summary>
    private const int MaxRows = 100_000;

    public static Clusters Fit(
        TransformSettings settings, ImmutableArray<NumericLinearFeature> inputs, Table table, TrainingContext context)
    {
        if (table.RowCount < settings.Count)
            throw GyreException.Invalid($"Transform '{settings.Name}': {table.RowCount} rows are too few for {settings.Count} clusters.");
        var random = SeededRandom.ForStream(context.Seed, 11);
        if (table.RowCount > MaxRows) table = table.Take(random.Sample(table.RowCount, MaxRows));
        var unfitted = new Clusters(settings.Name, inputs, [], settings.Distances);
        var rows = unfitted.Standardize(table);
        float[] best = [];
        var least = double.PositiveInfinity;
        for (var i = 0; i < Seedings; i++)
        {
            var centers = Seed(rows, inputs.Length, settings.Count, random);
            var inertia = Move(rows, inputs.Length, centers, context.CancellationToken);
            if (inertia < least) (best, least) = (centers, inertia);
        }

        return unfitted with { Centers = [.. best] };
    }

    /// <summary>Moves centres to rest; returns the sum of squared distances of rows to the nearest.</summary>
    internal static double Move(float[] rows, int width, float[] centers, CancellationToken token)
    {
        var count = centers.Length / width;
        var nearest = new int[rows.Length / width];
        Array.Fill(nearest, -1);
        var inertia = 0.0;
        for (var round = 0; round < MaxRounds; round++)
        {
            token.ThrowIfCancellationRequested();
            var changed = false;
            inertia = 0;
            for (var i = 0; i < nearest.Length; i++)
            {
                var (center, distance) = Nearest(rows.AsSpan(i * width, width), centers, count);
                changed |= nearest[i] != center;
                nearest[i] = center;
                inertia += distance;
            }

            if (!changed) break;
            ToMeans(rows, width, nearest, centers);
        }

        return inertia;
    }

    private static float[] Seed(float[] rows, int width, int count, SeededRandom random)
    {
        var centers = new float[count * width];
        var total = rows.Length / width;
        var distances = new double[total];
        Array.Fill(distances, double.PositiveInfinity);
        var chosen = random.NextInt(total);
        for (var c = 0; c < count; c++)
        {
            rows.AsSpan(chosen * width, width).CopyTo(centers.AsSpan(c * width));
            var sum = 0.0;
            for (var i = 0; i < total; i++)
            {
                distances[i] = Math.Min(distances[i], Squared(rows.AsSpan(i * width, width), centers.AsSpan(c * width, width)));
                sum += distances[i];
            }

            chosen = Draw(distances, sum, random);
        }

        return centers;
    }

    private static int Draw(double[] weights, double sum, SeededRandom random)
    {
        var at = random.NextDouble() * sum;
        for (var i = 0; i < weights.Length; i++)
        {
            at -= weights[i];
            if (at < 0) return i;
        }

        return random.NextInt(weights.Length); // all rows stand on centres already
    }

    // A centre that is nearest to no row stays where it is.
    private static void ToMeans(float[] rows, int width, int[] nearest, float[] centers)
    {
        var sums = new double[centers.Length];
        var counts = new int[centers.Length / width];
        for (var i = 0; i < nearest.Length; i++)
        {
            counts[nearest[i]]++;
            for (var j = 0; j < width; j++) sums[(nearest[i] * width) + j] += rows[(i * width) + j];
        }

        for (var at = 0; at < centers.Length; at++)
        {
            if (counts[at / width] > 0) centers[at] = (float)(sums[at] / counts[at / width]);
        }
    }

    private static (int Center, double Distance) Nearest(ReadOnlySpan<float> row, float[] centers, int count)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var c = 0; c < count; c++)
        {
            var distance = Squared(row, centers.AsSpan(c * row.Length, row.Length));
            if (distance < least) (best, least) = (c, distance);
        }

        return (best, least);
    }

    private static double Squared(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var j = 0; j < a.Length; j++) sum += ((double)a[j] - b[j]) * ((double)a[j] - b[j]);
        return sum;
    }
}
