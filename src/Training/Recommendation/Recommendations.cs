using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Lists of recommended items. Immutable by convention: the maker of the arrays gives them away.</summary>
/// <param name="top">The length of a list.</param>
/// <param name="items">Row-major, rows × top: ids, best first; empty where a user has had all but fewer.</param>
/// <param name="scores">Row-major, rows × top: the items' scores, <see cref="NoScore"/> where there is no item.</param>
/// <param name="ratings">The predicted rating of the item that each row names; null when ratings are not
/// predicted.</param>
public sealed class Recommendations(int top, string[] items, float[] scores, float[]? ratings)
{
    /// <summary>The score of a place in a list that no item takes: the lowest number there is.</summary>
    public const float NoScore = float.MinValue;

    /// <summary>The length of a list.</summary>
    public int Top => top;

    /// <summary>The number of rows.</summary>
    public int Rows => items.Length / top;

    /// <summary>Row-major, rows × top: ids, best first.</summary>
    public ReadOnlySpan<string> Items => items;

    /// <summary>Row-major, rows × top.</summary>
    public ReadOnlySpan<float> Scores => scores;

    /// <summary>One per row; empty when ratings are not predicted.</summary>
    public ReadOnlySpan<float> Ratings => ratings;

    /// <summary>Whether ratings are predicted.</summary>
    public bool HasRatings => ratings is not null;

    /// <summary>The list of a row.</summary>
    public ReadOnlySpan<string> ItemsOf(int row) => items.AsSpan(row * top, top);

    /// <summary>The scores of a row's list.</summary>
    public ReadOnlySpan<float> ScoresOf(int row) => scores.AsSpan(row * top, top);

    /// <summary>The numbers of <see cref="TaskKinds.RecommendationOutputs"/> for the rows of a table.</summary>
    /// <param name="table">The rows that the lists are for.</param>
    /// <param name="userColumn">Tells users apart.</param>
    /// <param name="itemColumn">The item whose place is looked up; no place is found where it is absent.</param>
    public Predictions ToPredictions(Table table, string userColumn, string itemColumn)
    {
        var values = new double[Rows * TaskKinds.RecommendationOutputs];
        ToPredictions(table, userColumn, itemColumn, values);
        return new Predictions(TaskKind.Recommendation, TaskKinds.RecommendationOutputs, values);
    }

    internal void ToPredictions(Table table, string userColumn, string itemColumn, double[] values)
    {
        var users = IdText.Of(table[userColumn]).Codes;
        var named = table.TryGet(itemColumn, out var column) ? IdText.Of(column) : default;
        for (var row = 0; row < Rows; row++)
        {
            var item = named.Codes is null || named.Codes[row] < 0 ? null : named.Names[named.Codes[row]];
            var to = row * TaskKinds.RecommendationOutputs;
            values[to] = ratings is null ? scores[row * top] : ratings[row];
            values[to + 1] = item is null ? 0 : 1 + ItemsOf(row).IndexOf(item);
            values[to + 2] = users[row];
        }
    }
}
