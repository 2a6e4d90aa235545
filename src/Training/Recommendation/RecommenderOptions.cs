namespace Gyre.Training.Recommendation;

/// <summary>What the options of all recommenders have in common.</summary>
internal static class RecommenderOptions
{
    public const string TopKey = "top";

    public const int DefaultTop = 10;

    public static int Top(OptionReader reader) => reader.Integer(TopKey, DefaultTop, 1, 1000);

    /// <summary>
    /// Rows in dictionaries and twice sorted, then factors in float64 and float32 for as many users and items as there
    /// can
    /// be: no more than rows.
    /// </summary>
    public static long EstimateMemory(TrainingSet set, int factors)
    {
        var names = set.Features.Columns.Sum(column => column is Tabular.CategoricalColumn c
            ? Math.Min(c.Categories.Count, set.RowCount) : (long)set.RowCount);
        return (160L * set.RowCount) + (names * (64 + (16L * factors)));
    }
}
