using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Reads one feature of trees from its column piece by piece, so that nobody has to hold the whole as float32. Says the
/// same as <see cref="TreePreprocessing.Encode"/>. Thread-safe.
/// </summary>
internal sealed class FeatureReader
{
    private readonly Column _column;

    // Per code of the column, the category's position as a float; NaN where unknown. Null for numbers.
    private readonly float[]? _positions;

    /// <exception cref="GyreException">The column is of another kind than the feature.</exception>
    public FeatureReader(Table table, TreeFeature feature)
    {
        _column = FeatureEncoding.Find(table, feature.Name);
        if (feature.IsCategorical)
        {
            var map = FeatureEncoding.CategoryMap(_column, feature.Categories);
            _positions = Array.ConvertAll(map, position => position < 0 ? float.NaN : position);
        }
        else
        {
            FeatureEncoding.RequireNumbers(_column);
        }
    }

    /// <summary>The column's number of rows.</summary>
    public int Rows => _column.Length;

    /// <summary>Whether values are positions of categories.</summary>
    public bool IsCategorical => _positions is not null;

    /// <summary>One reader per feature.</summary>
    public static FeatureReader[] All(Table table, TreePreprocessing preprocessing) =>
        [.. preprocessing.Features.Select(feature => new FeatureReader(table, feature))];

    /// <summary>The values of the rows from <paramref name="start"/> on: float32, a category's position, NaN where missing
    /// or unknown.</summary>
    public void Read(int start, Span<float> values)
    {
        switch (_column)
        {
            case Column<double> numbers:
                var source = numbers.Values.Slice(start, values.Length);
                for (var i = 0; i < values.Length; i++) values[i] = (float)source[i];
                return;
            case CategoricalColumn names:
                var codes = names.Codes.Slice(start, values.Length);
                for (var i = 0; i < values.Length; i++) values[i] = codes[i] < 0 ? float.NaN : _positions![codes[i]];
                return;
            case Column<long> whole:
                var integers = whole.Values.Slice(start, values.Length);
                for (var i = 0; i < values.Length; i++) values[i] = integers[i];
                break;
            case Column<bool> flags:
                var bits = flags.Values.Slice(start, values.Length);
                for (var i = 0; i < values.Length; i++) values[i] = bits[i] ? 1 : 0;
                break;
        }

        if (_column.MissingCount == 0) return;
        for (var i = 0; i < values.Length; i++)
        {
            if (_column.IsMissing(start + i)) values[i] = float.NaN;
        }
    }

    /// <summary>The values of chosen rows.</summary>
    public float[] ReadRows(ReadOnlySpan<int> rows)
    {
        var values = new float[rows.Length];
        for (var i = 0; i < values.Length; i++) Read(rows[i], values.AsSpan(i, 1));
        return values;
    }
}
