using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>Compares windows of rows with a <see cref="ReferenceProfile"/>. Thread-safe.</summary>
public static class DriftCalculator
{
    /// <summary>Below this many rows a window shows noise rather than drift.</summary>
    public const int DefaultMinRows = 100;

    /// <summary>Compares a window with the reference.</summary>
    /// <param name="profile">The reference.</param>
    /// <param name="window">The window's input columns; those that either side lacks are left out.</param>
    /// <param name="prediction">
    /// The window's predictions, made by <see cref="PredictionColumn.Create"/>, or null.
    /// </param>
    /// <param name="minRows">From how many rows on a column is <see cref="ColumnDrift.IsSufficient"/>.</param>
    /// <exception cref="ArgumentException">A column holds categories on one side and numbers on the other.</exception>
    public static DriftReport Compute(
        ReferenceProfile profile, Table window, Column? prediction = null, int minRows = DefaultMinRows)
    {
        var columns = ImmutableArray.CreateBuilder<ColumnDrift>();
        foreach (var reference in profile.Columns)
        {
            if (window.TryGet(reference.Name, out var column)) columns.Add(Compare(reference, column, minRows));
        }

        return new DriftReport(window.RowCount, columns.ToImmutable(),
            profile.Prediction is null || prediction is null ? null : Compare(profile.Prediction, prediction, minRows));
    }

    private static ColumnDrift Compare(ReferenceColumn reference, Column column, int minRows) =>
        (reference, column) switch
        {
            ({ Categories: { } categories }, CategoricalColumn values) =>
                CompareCategories(reference, categories, values, minRows),
            ({ Numbers: { } numbers }, not CategoricalColumn) => CompareNumbers(reference, numbers, column, minRows),
            _ => throw new ArgumentException(
                $"The column '{column.Name}' is {column.Type}; the reference has it as {reference.Type}.", nameof(column)),
        };

    private static ColumnDrift CompareCategories(
        ReferenceColumn reference, CategoryDistribution categories, CategoricalColumn column, int minRows)
    {
        var counts = categories.Count(column);
        double[] expected = [.. categories.Counts, categories.Other];
        return Measure(reference, column, expected, counts, column.MissingCount, minRows) with
        {
            UnseenShare = column.Length == 0 ? 0 : counts[^1] / column.Length,
        };
    }

    private static ColumnDrift CompareNumbers(
        ReferenceColumn reference, NumberDistribution numbers, Column column, int minRows)
    {
        var sorted = NumberValues.Sorted(column);
        var counts = NumberDistribution.CountBins(sorted, numbers.Edges);
        var drift = Measure(reference, column, [.. numbers.Counts], counts, column.Length - sorted.Length, minRows);
        if (sorted.Length == 0 || numbers.SketchValues.Length == 0) return drift;
        drift = drift with { Mean = sorted.Average(), ReferenceMean = numbers.Mean };
        if (!(numbers.StandardDeviation > 0)) return drift;
        var values = numbers.SketchValues.AsSpan();
        var weights = numbers.SketchWeights.AsSpan();
        var ones = new double[sorted.Length];
        Array.Fill(ones, 1);
        return drift with
        {
            Wasserstein = Wasserstein.Distance(values, weights, sorted, ones) / numbers.StandardDeviation,
            WassersteinExpected = Wasserstein.ExpectedWithoutDrift(values, weights, numbers.Count, sorted.Length)
                / numbers.StandardDeviation,
        };
    }

    private static ColumnDrift Measure(
        ReferenceColumn reference, Column column, double[] expected, double[] actual, int missing, int minRows)
    {
        double[] all = [.. expected, reference.Missing], window = [.. actual, missing];
        var used = all.Zip(window).Count(pair => pair.First + pair.Second > 0);
        double rows = Math.Max(reference.Rows, 1), windowRows = Math.Max(column.Length, 1);
        return new ColumnDrift(
            reference.Name, column.Length,
            column.Length == 0 ? 0 : PopulationStability.Index(all, window),
            PopulationStability.ExpectedWithoutDrift(used, rows, windowRows),
            PopulationStability.QuantileWithoutDrift(used, rows, windowRows),
            null, null,
            column.Length == 0 ? 0 : (double)missing / column.Length, reference.MissingShare, 0, null, null,
            column.Length >= minRows && reference.Rows >= minRows);
    }
}
