using Gyre.Numerics;
using Gyre.Primitives;

namespace Gyre.Training.Boosting;

/// <summary>
/// The features as one byte a bin, twice: row-major, for histograms and prediction, which use all features of a row;
/// and by column, for parting rows, which uses one feature of many rows.
/// </summary>
internal sealed class BinnedMatrix
{
    private BinnedMatrix(FeatureBins[] features, byte[] rowMajor, byte[][] columns, int rows)
    {
        (Features, RowMajor, Columns, Rows) = (features, rowMajor, columns, rows);
        Offsets = new int[features.Length];
        foreach (var (i, feature) in features.Index())
        {
            Offsets[i] = TotalBins;
            TotalBins += feature.ValueBins + 1;
        }
    }

    public FeatureBins[] Features { get; }

    public byte[] RowMajor { get; }

    public byte[][] Columns { get; }

    public int Rows { get; }

    /// <summary>Where each feature's bins begin in a histogram.</summary>
    public int[] Offsets { get; }

    /// <summary>The bins of all features, those of missing values included.</summary>
    public int TotalBins { get; }

    /// <summary>Chooses each feature's bins.</summary>
    public static FeatureBins[] Fit(TreePreprocessing preprocessing, float[][] columns, int maxBins,
        TrainingContext context)
    {
        var bins = new FeatureBins[columns.Length];
        Parallel.For(0, columns.Length, Options(context), f =>
        {
            var feature = preprocessing.Features[f];
            bins[f] = feature.IsCategorical
                ? FeatureBins.ForCategories(feature.Categories.Length)
                : FeatureBins.ForNumbers(columns[f], maxBins, context.Seed + (ulong)f);
        });
        return bins;
    }

    /// <summary>Bins columns of float32 values.</summary>
    /// <exception cref="GyreException">There are more than 2³¹ numbers.</exception>
    public static BinnedMatrix Create(FeatureBins[] features, float[][] columns, int rows, TrainingContext context)
    {
        if ((long)rows * features.Length > Array.MaxLength)
            throw GyreException.Invalid(
                $"{rows} rows of {features.Length} features are more than boosting holds in memory "
                + $"({Array.MaxLength} numbers).");
        var rowMajor = new byte[rows * features.Length];
        var binned = new byte[features.Length][];
        Parallel.For(0, features.Length, Options(context), f =>
        {
            var column = new byte[rows];
            for (var row = 0; row < rows; row++)
            {
                if ((row & 0xffff) == 0) context.CancellationToken.ThrowIfCancellationRequested();
                column[row] = features[f].BinOf(columns[f][row]);
                rowMajor[(row * features.Length) + f] = column[row];
            }

            binned[f] = column;
        });
        return new BinnedMatrix(features, rowMajor, binned, rows);
    }

    private static ParallelOptions Options(TrainingContext context) =>
        new() { MaxDegreeOfParallelism = context.Threads, CancellationToken = context.CancellationToken };
}
