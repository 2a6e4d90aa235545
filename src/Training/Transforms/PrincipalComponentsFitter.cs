using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Principal components by the eigenvectors of the standardised columns' covariance.</summary>
internal static class PrincipalComponentsFitter
{
    public static PrincipalComponents Fit(
        TransformSettings settings, ImmutableArray<NumericLinearFeature> inputs, Table rows, CancellationToken token)
    {
        var unfitted = new PrincipalComponents(settings.Name, inputs, [], []);
        var size = inputs.Length;
        var (values, vectors) = SymmetricEigen.Decompose(Covariance(unfitted.Standardize(rows), size, token), size, token);
        var whole = values.Sum(v => Math.Max(v, 0));
        var count = Math.Min(settings.Count, size);
        return unfitted with
        {
            Loadings = [.. vectors.Take(count * size).Select(v => (float)v)],
            ExplainedShare = [.. values.Take(count).Select(v => whole > 0 ? Math.Max(v, 0) / whole : 0)],
        };
    }

    // Standardised columns have mean 0, up to float32's rounding.
    private static double[] Covariance(float[] rows, int size, CancellationToken token)
    {
        var sums = new double[size * size];
        for (var start = 0; start < rows.Length; start += size)
        {
            if ((start & 0xffff) == 0) token.ThrowIfCancellationRequested();
            var row = rows.AsSpan(start, size);
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j <= i; j++) sums[(i * size) + j] += (double)row[i] * row[j];
            }
        }

        var count = Math.Max(1, rows.Length / Math.Max(1, size));
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++) sums[(j * size) + i] = sums[(i * size) + j] /= count;
        }

        return sums;
    }
}
