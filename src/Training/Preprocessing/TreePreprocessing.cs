using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// For trees: number i of a row is feature i. Numbers pass through as float32; categories become their position in the
/// feature's list; missing and unknown values become NaN.
/// </summary>
public sealed class TreePreprocessing : Preprocessing
{
    /// <summary>Creates it.</summary>
    public TreePreprocessing(ImmutableArray<TreeFeature> features) => Features = features;

    /// <summary>The features, in the order trees number them.</summary>
    public ImmutableArray<TreeFeature> Features { get; }

    /// <summary>The features of a table, one array per feature, one float32 per row; NaN is missing or
    /// unknown.</summary>
    /// <exception cref="Gyre.Primitives.GyreException">A column is absent or of another kind.</exception>
    public float[][] Encode(Table table)
    {
        var columns = new float[Features.Length][];
        for (var i = 0; i < columns.Length; i++)
        {
            var column = FeatureEncoding.Find(table, Features[i].Name);
            columns[i] = Features[i].IsCategorical
                ? Array.ConvertAll(
                    FeatureEncoding.Codes(column, Features[i].Categories), code => code < 0 ? float.NaN : code)
                : FeatureEncoding.Numbers(column);
        }

        return columns;
    }

    /// <summary>Learns the categories of a set's features.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="maxCategories">The most categories a feature keeps; rarer ones count as missing.</param>
    internal static TreePreprocessing Fit(TrainingSet set, int maxCategories) =>
        new([.. set.Features.Columns.Select(column => new TreeFeature(
            column.Name,
            column.Type,
            column is CategoricalColumn c ? [.. FeatureEncoding.ChooseCategories(c, maxCategories)] : []))]);
}

/// <summary>One feature of a tree model.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Numeric, Integer, Boolean or Categorical.</param>
/// <param name="Categories">The known categories, at most 255, position = code; empty for numbers.</param>
public sealed record TreeFeature(string Name, ColumnType Type, ImmutableArray<string> Categories)
{
    /// <summary>Whether the feature's numbers are codes of categories.</summary>
    public bool IsCategorical => Type == ColumnType.Categorical;
}
