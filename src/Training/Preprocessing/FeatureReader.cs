using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Reads one feature of trees from its column piece by piece, so that nobody has to hold the whole as float32. A
/// text's terms are the exception: they are weighed all at once. Thread-safe.
/// </summary>
internal sealed class FeatureReader
{
    private readonly Column? _column;
    private readonly float[]? _terms;

    // Per code of the column, the category's position as a float; NaN where unknown. Null for numbers.
    private readonly float[]? _positions;

    private FeatureReader(Column column, TreeFeature feature)
    {
        _column = column;
        if (feature.IsCategorical)
        {
            var map = FeatureEncoding.CategoryMap(column, feature.Categories);
            _positions = Array.ConvertAll(map, position => position < 0 ? float.NaN : position);
        }
        else
        {
            FeatureEncoding.RequireNumbers(column);
        }
    }

    private FeatureReader(float[] terms) => _terms = terms;

    /// <summary>Whether values are positions of categories.</summary>
    public bool IsCategorical => _positions is not null;

    /// <summary>One reader per feature.</summary>
    /// <exception cref="GyreException">A column is absent or of another kind.</exception>
    public static FeatureReader[] All(Table table, TreePreprocessing preprocessing)
    {
        var texts = new Dictionary<TextVectorizer, float[][]>();
        return [.. preprocessing.Features.Select(feature =>
        {
            var column = FeatureEncoding.Find(table, feature.Name);
            if (feature.Vectorizer is not { } vectorizer) return new FeatureReader(column, feature);
            if (!texts.TryGetValue(vectorizer, out var terms))
                texts.Add(vectorizer, terms = Dense(vectorizer.Transform(column)));
            return new FeatureReader(terms[feature.Term]);
        })];
    }

    /// <summary>The values of the rows from <paramref name="start"/> on: float32, a category's position, NaN where missing
    /// or unknown.</summary>
    public void Read(int start, Span<float> values)
    {
        switch (_column)
        {
            case null:
                _terms.AsSpan(start, values.Length).CopyTo(values);
                return;
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

    private static float[][] Dense(SparseRows rows)
    {
        var columns = new float[rows.Width][];
        for (var i = 0; i < columns.Length; i++) columns[i] = new float[rows.Rows];
        for (var row = 0; row < rows.Rows; row++)
        {
            var values = rows.Values(row);
            foreach (var (i, column) in rows.Columns(row).ToArray().Index()) columns[column][row] = values[i];
        }

        return columns;
    }
}
