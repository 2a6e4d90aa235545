using Gyre.Numerics;
using Gyre.Training.Boosting;

namespace Gyre.Training.Recommendation;

/// <summary>The weighted sum of outer products of all rows: what pairs that were not seen contribute, whoever
/// asks.</summary>
internal static class GramMatrix
{
    /// <summary>Rows that are summed in one go: fixed, so that sums do not depend on the number of threads.</summary>
    private const int BlockRows = 1024;

    /// <summary>weight × Σ rowᵀ row, row-major, factors × factors, in float64.</summary>
    public static double[] Of(
        double[] rows, int factors, double weight, Workers workers, CancellationToken cancellationToken)
    {
        var count = rows.Length / factors;
        var blocks = new double[(count + BlockRows - 1) / BlockRows][];
        workers.Run(blocks.Length, block =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sums = new double[factors * factors];
            for (var row = block * BlockRows; row < Math.Min(count, (block + 1) * BlockRows); row++)
            {
                var values = rows.AsSpan(row * factors, factors);
                for (var f = 0; f < factors; f++)
                    VectorKernel.AddScaled(sums.AsSpan(f * factors, factors), values[f], values);
            }

            blocks[block] = sums;
        });

        var total = new double[factors * factors];
        foreach (var block in blocks) VectorKernel.AddScaled(total, weight, block);
        return total;
    }
}
