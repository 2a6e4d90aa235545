using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// For trees: number i of a row is feature i. Numbers pass through as float32; categories become their position in the
/// feature's list; missing and unknown values become NaN. A text makes one feature per term, its weight or 0.
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
        var readers = FeatureReader.All(table, this);
        var columns = new float[readers.Length][];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new float[table.RowCount];
            readers[i].Read(0, columns[i]);
        }

        return columns;
    }

    /// <summary>Learns the categories of a set's features.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="maxCategories">The most categories a feature keeps; rarer ones count as missing.</param>
    /// <param name="text">The terms of text columns; null takes the defaults for trees.</param>
    /// <param name="token">Stops between texts.</param>
    internal static TreePreprocessing Fit(
        TrainingSet set, int maxCategories, TextOptions? text = null, CancellationToken token = default) =>
        new([.. set.Features.Columns.SelectMany(column => column switch
        {
            CategoricalColumn { Type: ColumnType.Text } texts =>
                Terms(column, TextVectorizerFitter.Fit(texts, text ?? TextOptions.ForTrees, weighted: true, token)),
            CategoricalColumn categories =>
                [new TreeFeature(
                    column.Name, column.Type, [.. FeatureEncoding.ChooseCategories(categories, maxCategories)])],
            _ => [new TreeFeature(column.Name, column.Type, [])],
        })]);

    private static IEnumerable<TreeFeature> Terms(Column column, TextVectorizer vectorizer) =>
        Enumerable.Range(0, vectorizer.Width).Select(term =>
            new TreeFeature(column.Name, ColumnType.Text, []) { Vectorizer = vectorizer, Term = term });
}

/// <summary>One feature of a tree model.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Numeric, Integer, Boolean, Categorical or Text.</param>
/// <param name="Categories">The known categories, at most 255, position = code; empty for numbers.</param>
public sealed record TreeFeature(string Name, ColumnType Type, ImmutableArray<string> Categories)
{
    /// <summary>Whether the feature's numbers are codes of categories.</summary>
    public bool IsCategorical => Type == ColumnType.Categorical;

    /// <summary>Of a text, what makes its terms' weights; else null.</summary>
    public TextVectorizer? Vectorizer { get; init; }

    /// <summary>Of a text, the vectorizer's column that is this feature.</summary>
    public int Term { get; init; }

    /// <summary>What the feature is called: the column, and of a text also the term.</summary>
    public string Label => Vectorizer is null ? Name : $"{Name}: {Vectorizer.ColumnName(Term)}";
}
