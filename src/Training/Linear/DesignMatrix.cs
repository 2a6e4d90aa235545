using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The inputs of linear models for many rows: dense numbers, and for each categorical feature the one input that is 1.
/// Work per row thus grows with the number of features, not with the number of categories.
/// </summary>
internal sealed class DesignMatrix
{
    private readonly int[] _densePositions;
    private readonly float[] _dense;
    private readonly int[] _hot;
    private readonly int _hotPerRow;

    private DesignMatrix(int rows, int width, int[] densePositions, float[] dense, int hotPerRow, int[] hot) =>
        (Rows, Width, _densePositions, _dense, _hotPerRow, _hot) = (rows, width, densePositions, dense, hotPerRow, hot);

    public int Rows { get; }

    public int Width { get; }

    /// <summary>The positions of the dense inputs.</summary>
    public ReadOnlySpan<int> DensePositions => _densePositions;

    /// <summary>A row's dense inputs, in the order of <see cref="DensePositions"/>.</summary>
    public ReadOnlySpan<float> Dense(int row) => _dense.AsSpan(row * _densePositions.Length, _densePositions.Length);

    /// <summary>The positions of the inputs that are 1 in a row, one per categorical feature.</summary>
    public ReadOnlySpan<int> Hot(int row) => _hot.AsSpan(row * _hotPerRow, _hotPerRow);

    public static DesignMatrix Create(LinearPreprocessing preprocessing, Table table)
    {
        var positions = new List<int>();
        var hotPerRow = preprocessing.Features.Count(f => f is CategoricalLinearFeature);
        var next = 0;
        foreach (var feature in preprocessing.Features)
        {
            if (feature is NumericLinearFeature) positions.AddRange(Enumerable.Range(next, feature.Width));
            next += feature.Width;
        }

        var rows = table.RowCount;
        var dense = new float[rows * positions.Count];
        var hot = new int[rows * hotPerRow];
        int offset = 0, denseAt = 0, hotAt = 0;
        foreach (var feature in preprocessing.Features)
        {
            var column = FeatureEncoding.Find(table, feature.Name);
            if (feature is NumericLinearFeature number)
            {
                FillNumber(number, FeatureEncoding.Numbers(column), dense.AsSpan(denseAt..), positions.Count);
                denseAt += feature.Width;
            }
            else if (feature is CategoricalLinearFeature category)
            {
                FillCategory(category, FeatureEncoding.Codes(column, category.Categories), offset, hot.AsSpan(hotAt..),
                    hotPerRow);
                hotAt++;
            }

            offset += feature.Width;
        }

        return new DesignMatrix(rows, preprocessing.Width, [.. positions], dense, hotPerRow, hot);
    }

    /// <summary>Σ weight × input of a row, in float64.</summary>
    public double Dot(int row, ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++) sum += (double)weights[_densePositions[j]] * dense[j];
        foreach (var position in Hot(row)) sum += weights[position];
        return sum;
    }

    /// <summary>Σ weight × input of a row, in float64.</summary>
    public double Dot(int row, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++) sum += weights[_densePositions[j]] * dense[j];
        foreach (var position in Hot(row)) sum += weights[position];
        return sum;
    }

    /// <summary>gradient ← gradient + factor × inputs of a row.</summary>
    public void AddRow(int row, double factor, Span<double> gradient)
    {
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++) gradient[_densePositions[j]] += factor * dense[j];
        foreach (var position in Hot(row)) gradient[position] += factor;
    }

    private static void FillNumber(NumericLinearFeature feature, float[] values, Span<float> target, int stride)
    {
        for (var row = 0; row < values.Length; row++)
        {
            target[row * stride] = feature.Standardize(values[row]);
            if (feature.HasMissingIndicator) target[(row * stride) + 1] = float.IsNaN(values[row]) ? 1 : 0;
        }
    }

    private static void FillCategory(CategoricalLinearFeature feature, int[] codes, int offset, Span<int> target,
        int stride)
    {
        for (var row = 0; row < codes.Length; row++)
        {
            target[row * stride] = offset + codes[row] switch
            {
                FeatureEncoding.Missing => feature.MissingPosition,
                FeatureEncoding.Unknown => feature.UnknownPosition,
                var code => code,
            };
        }
    }
}
