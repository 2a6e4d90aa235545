using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Learns medians, means, scales, categories and terms from training rows.</summary>
internal static class LinearPreprocessingFitter
{
    public static LinearPreprocessing Fit(
        TrainingSet set, int maxCategories, TextOptions? text = null, CancellationToken token = default,
        bool textAsCounts = false) =>
        new([.. set.Features.Columns.Select(column => (LinearFeature)(column switch
        {
            CategoricalColumn { Type: ColumnType.Text } texts => new TextLinearFeature(column.Name,
                TextVectorizerFitter.Fit(texts, text ?? new TextOptions(), weighted: !textAsCounts, token)),
            CategoricalColumn categories => new CategoricalLinearFeature(column.Name,
                [.. FeatureEncoding.ChooseCategories(categories, maxCategories)]),
            _ => FitNumber(column),
        }))]);

    internal static NumericLinearFeature FitNumber(Column column)
    {
        var values = Array.ConvertAll(FeatureEncoding.Numbers(column), v => (double)v);
        var present = Quantiles.Sorted(values);
        var missing = present.Length < values.Length;
        var median = present.Length == 0 ? 0f : (float)Quantiles.OfSorted(present, 0.5);
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) values[i] = median;
            if (double.IsInfinity(values[i])) throw NotFinite(column, i);
        }

        var mean = Moments.Mean(values);
        var deviation = Moments.StandardDeviation(values, degreesOfFreedomLost: 0);

        // A spread that is only rounding noise of the mean would blow noise up to unit size.
        var varies = deviation > 1e-7 * Math.Abs(mean) && 1 / deviation <= float.MaxValue;
        var inverse = varies ? (float)(1 / deviation) : 1f;
        return new NumericLinearFeature(column.Name, column.Type, median, (float)mean, inverse, missing);
    }

    private static Primitives.GyreException NotFinite(Column column, int row) => Primitives.GyreException.Invalid(
        $"Column '{column.Name}' is infinite (or beyond float32) in row {row + 1}; "
        + "a linear model needs finite numbers.");
}
