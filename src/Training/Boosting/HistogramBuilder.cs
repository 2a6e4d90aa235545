using Gyre.Numerics;

namespace Gyre.Training.Boosting;

/// <summary>
/// Builds histograms of gradient pairs over all features of some rows. Many rows are cut by row, each thread filling a
/// histogram of its own, which are then added in order; few rows under many features are cut by feature; little work
/// is not cut.
/// </summary>
internal sealed class HistogramBuilder(BinnedMatrix matrix, Workers workers)
{
    // Below so many sums, starting a second thread costs more than it saves.
    private const int LeastWork = 60_000;

    private readonly double[][] _partial = CreatePartials(matrix, workers.Threads);

    public int Length => 2 * matrix.TotalBins;

    /// <summary>Fills a histogram.</summary>
    /// <param name="rows">The rows; empty together with <paramref name="all"/> means every row of the matrix.</param>
    /// <param name="all">Whether every row is meant.</param>
    /// <param name="gradients">Pairs, one per row of the matrix.</param>
    /// <param name="sums">Overwritten.</param>
    public void Build(ReadOnlyMemory<int> rows, bool all, float[] gradients, double[] sums)
    {
        var count = all ? matrix.Rows : rows.Length;
        var features = matrix.Features.Length;
        Array.Clear(sums);
        if (workers.Threads == 1 || (long)count * features < LeastWork)
            Add(rows, all, 0, count, 0, features, gradients, sums);
        else if (count >= matrix.TotalBins)
            BuildByRow(rows, all, count, gradients, sums);
        else
            BuildByFeature(rows, all, count, gradients, sums);
    }

    /// <summary>larger ← parent − smaller, in the parent's place: cheaper than summing the larger child's
    /// rows.</summary>
    public static void Subtract(double[] parent, double[] smaller)
    {
        for (var i = 0; i < parent.Length; i++) parent[i] -= smaller[i];
    }

    private void BuildByRow(ReadOnlyMemory<int> rows, bool all, int count, float[] gradients, double[] sums)
    {
        var parts = workers.Threads;
        workers.Run(parts, p =>
        {
            var target = p == 0 ? sums : _partial[p - 1];
            if (p > 0) Array.Clear(target);
            var from = (int)((long)count * p / parts);
            var to = (int)((long)count * (p + 1) / parts);
            Add(rows, all, from, to - from, 0, matrix.Features.Length, gradients, target);
        });
        foreach (var partial in _partial) VectorMath.AddScaled(sums, 1, partial);
    }

    private void BuildByFeature(ReadOnlyMemory<int> rows, bool all, int count, float[] gradients, double[] sums)
    {
        var parts = Math.Min(workers.Threads, matrix.Features.Length);
        workers.Run(parts, p =>
        {
            var first = matrix.Features.Length * p / parts;
            Add(rows, all, 0, count, first, (matrix.Features.Length * (p + 1) / parts) - first, gradients, sums);
        });
    }

    private void Add(
        ReadOnlyMemory<int> rows, bool all, int from, int count, int firstFeature, int features, float[] gradients,
        double[] sums)
    {
        var offsets = matrix.Offsets.AsSpan(firstFeature, features);
        var width = matrix.Features.Length;
        if (all) HistogramKernel.AddRange(matrix.RowMajor, width, offsets, firstFeature, from, count, gradients, sums);
        else
        {
            var chosen = rows.Span.Slice(from, count);
            HistogramKernel.Add(matrix.RowMajor, width, offsets, firstFeature, chosen, gradients, sums);
        }
    }

    private static double[][] CreatePartials(BinnedMatrix matrix, int threads)
    {
        var partial = new double[threads - 1][];
        for (var i = 0; i < partial.Length; i++) partial[i] = new double[2 * matrix.TotalBins];
        return partial;
    }
}
