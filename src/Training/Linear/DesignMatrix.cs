using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The inputs of linear models for many rows: dense numbers, for each categorical feature the one input that is 1, and
/// for each text its few terms. Work per row thus grows with what stands in it, not with the number of inputs.
/// </summary>
internal sealed class DesignMatrix
{
    private readonly int[] _densePositions;
    private readonly float[] _dense;
    private readonly int[] _hot;
    private readonly int _hotPerRow;
    private readonly (int Offset, SparseRows Rows)[] _texts;

    private DesignMatrix(
        int rows, int width, int[] densePositions, float[] dense, int hotPerRow, int[] hot,
        (int Offset, SparseRows Rows)[] texts) =>
        (Rows, Width, _densePositions, _dense, _hotPerRow, _hot, _texts) =
            (rows, width, densePositions, dense, hotPerRow, hot, texts);

    public int Rows { get; }

    public int Width { get; }

    /// <summary>The positions of the dense inputs.</summary>
    public ReadOnlySpan<int> DensePositions => _densePositions;

    /// <summary>Whether some inputs are the terms of texts.</summary>
    public bool HasText => _texts.Length > 0;

    /// <summary>How many inputs of all rows are not left out for being 0.</summary>
    public long Entries
    {
        get
        {
            var entries = (long)Rows * (_densePositions.Length + _hotPerRow);
            foreach (var (_, texts) in _texts)
            {
                for (var row = 0; row < Rows; row++) entries += texts.Columns(row).Length;
            }

            return entries;
        }
    }

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
        var texts = new List<(int, SparseRows)>();
        int offset = 0, denseAt = 0, hotAt = 0;
        foreach (var feature in preprocessing.Features)
        {
            var column = FeatureEncoding.Find(table, feature.Name);
            switch (feature)
            {
                case NumericLinearFeature number:
                    FillNumber(number, FeatureEncoding.Numbers(column), dense.AsSpan(denseAt..), positions.Count);
                    denseAt += feature.Width;
                    break;
                case CategoricalLinearFeature category:
                    var codes = FeatureEncoding.Codes(column, category.Categories);
                    FillCategory(category, codes, offset, hot.AsSpan(hotAt..), hotPerRow);
                    hotAt++;
                    break;
                case TextLinearFeature text:
                    texts.Add((offset, text.Vectorizer.Transform(column)));
                    break;
            }

            offset += feature.Width;
        }

        return new DesignMatrix(rows, preprocessing.Width, [.. positions], dense, hotPerRow, hot, [.. texts]);
    }

    /// <summary>scores ← scores + inputs of a row × weights.</summary>
    /// <param name="row">The row.</param>
    /// <param name="weights">Row-major, width × outputs: an input's weights stand together.</param>
    /// <param name="scores">One per output.</param>
    public void AddScores(int row, ReadOnlySpan<double> weights, Span<double> scores)
    {
        var outputs = scores.Length;
        if (outputs == 1)
        {
            scores[0] += Dot(row, weights);
            return;
        }

        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++)
            Numerics.VectorMath.AddScaled(scores, dense[j], weights.Slice(_densePositions[j] * outputs, outputs));
        foreach (var position in Hot(row))
            Numerics.VectorMath.AddScaled(scores, 1, weights.Slice(position * outputs, outputs));
        foreach (var (offset, texts) in _texts)
        {
            var columns = texts.Columns(row);
            var values = texts.Values(row);
            for (var i = 0; i < columns.Length; i++)
            {
                Numerics.VectorMath.AddScaled(
                    scores, values[i], weights.Slice((offset + columns[i]) * outputs, outputs));
            }
        }
    }

    /// <summary>gradient ← gradient + inputs of a row × factors, the layout of weights in
    /// <see cref="AddScores"/>.</summary>
    public void AddRow(int row, ReadOnlySpan<double> factors, Span<double> gradient)
    {
        var outputs = factors.Length;
        if (outputs == 1)
        {
            AddRow(row, factors[0], gradient);
            return;
        }

        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++)
            Numerics.VectorMath.AddScaled(gradient.Slice(_densePositions[j] * outputs, outputs), dense[j], factors);
        foreach (var position in Hot(row))
            Numerics.VectorMath.AddScaled(gradient.Slice(position * outputs, outputs), 1, factors);
        foreach (var (offset, texts) in _texts)
        {
            var columns = texts.Columns(row);
            var values = texts.Values(row);
            for (var i = 0; i < columns.Length; i++)
            {
                Numerics.VectorMath.AddScaled(
                    gradient.Slice((offset + columns[i]) * outputs, outputs), values[i], factors);
            }
        }
    }

    /// <summary>Σ weight × input of a row, in float64.</summary>
    private double Dot(int row, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++) sum += weights[_densePositions[j]] * dense[j];
        foreach (var position in Hot(row)) sum += weights[position];
        foreach (var (offset, texts) in _texts)
        {
            var columns = texts.Columns(row);
            var values = texts.Values(row);
            for (var i = 0; i < columns.Length; i++) sum += weights[offset + columns[i]] * values[i];
        }

        return sum;
    }

    /// <summary>Adds the positions and values of a row's inputs that are not left out for being 0.</summary>
    public void Gather(int row, List<int> positions, List<double> values)
    {
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++)
        {
            positions.Add(_densePositions[j]);
            values.Add(dense[j]);
        }

        foreach (var position in Hot(row))
        {
            positions.Add(position);
            values.Add(1);
        }

        foreach (var (offset, texts) in _texts)
        {
            foreach (var column in texts.Columns(row)) positions.Add(offset + column);
            foreach (var value in texts.Values(row)) values.Add(value);
        }
    }

    private void AddRow(int row, double factor, Span<double> gradient)
    {
        var dense = Dense(row);
        for (var j = 0; j < dense.Length; j++) gradient[_densePositions[j]] += factor * dense[j];
        foreach (var position in Hot(row)) gradient[position] += factor;
        foreach (var (offset, texts) in _texts)
        {
            var columns = texts.Columns(row);
            var values = texts.Values(row);
            for (var i = 0; i < columns.Length; i++) gradient[offset + columns[i]] += factor * values[i];
        }
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
