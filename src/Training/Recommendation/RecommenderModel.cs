using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>How users and items become codes.</summary>
/// <param name="users">The known users.</param>
/// <param name="items">The known items.</param>
public sealed class RecommenderPreprocessing(RecommenderColumn users, RecommenderColumn items) : Preprocessing
{
    /// <summary>The known users.</summary>
    public RecommenderColumn Users => users;

    /// <summary>The known items; of equal scores the first of them wins.</summary>
    public RecommenderColumn Items => items;
}

/// <summary>
/// Recommends the items of the highest scores among those that a user has not had. A user that is not known has had
/// none
/// and gets what is best without knowing anybody. Immutable, thread-safe.
/// </summary>
public sealed class RecommenderModel : Model
{
    /// <summary>Puts a model together.</summary>
    /// <param name="ranking">The scores that rank items.</param>
    /// <param name="ratings">The scores that predict ratings; null when ratings are not predicted.</param>
    /// <param name="seenStarts">User u has had the items SeenItems[SeenStarts[u]] to SeenItems[SeenStarts[u + 1] −
    /// 1].</param>
    /// <param name="seenItems">Codes of items, ascending for each user.</param>
    /// <param name="top">The length of a list of recommendations, at least 1.</param>
    public RecommenderModel(
        FactorScores ranking, FactorScores? ratings, ImmutableArray<int> seenStarts, ImmutableArray<int> seenItems,
        int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        (Ranking, Ratings, SeenStarts, SeenItems) = (ranking, ratings, seenStarts, seenItems);
        Top = Math.Min(top, ranking.ItemBiases.Length - 1);
    }

    /// <summary>The scores that rank items.</summary>
    public FactorScores Ranking { get; }

    /// <summary>The scores that predict ratings, perhaps the same; null when ratings are not predicted.</summary>
    public FactorScores? Ratings { get; }

    /// <summary>Where each user's items begin in <see cref="SeenItems"/>, and the end.</summary>
    public ImmutableArray<int> SeenStarts { get; }

    /// <summary>What users have had: codes of items.</summary>
    public ImmutableArray<int> SeenItems { get; }

    /// <summary>The length of a list, at most the number of items.</summary>
    public int Top { get; }

    /// <summary>The number of known items.</summary>
    public int ItemCount => Ranking.ItemBiases.Length - 1;

    /// <summary>What a user has had, ascending; nothing for the unknown one.</summary>
    public ReadOnlySpan<int> SeenBy(int user) => user + 1 < SeenStarts.Length
        ? SeenItems.AsSpan()[SeenStarts[user]..SeenStarts[user + 1]]
        : [];

    /// <summary>The best items of each row's user.</summary>
    /// <param name="preprocessing">Makes codes of users.</param>
    /// <param name="table">Has the user column.</param>
    public Recommendations Recommend(RecommenderPreprocessing preprocessing, Table table)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        var users = preprocessing.Users.Codes(table);
        var codes = new int[users.Length * Top];
        var scores = new float[codes.Length];
        var buffer = new float[ItemCount];
        var first = new Dictionary<int, int>();
        for (var row = 0; row < users.Length; row++)
        {
            var to = row * Top;
            var listed = scores.AsSpan(to, Top);
            if (first.TryGetValue(users[row], out var same))
            {
                codes.AsSpan(same * Top, Top).CopyTo(codes.AsSpan(to));
                scores.AsSpan(same * Top, Top).CopyTo(listed);
                continue;
            }

            first.Add(users[row], row);
            Best(users[row], buffer, codes.AsSpan(to, Top), listed);
        }

        var ids = preprocessing.Items.Ids;
        return new Recommendations(
            Top, [.. codes.Select(code => code < 0 ? "" : ids[code])], scores, RatingsOf(preprocessing, table, users));
    }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        var columns = (RecommenderPreprocessing)preprocessing;
        Recommend(columns, table).ToPredictions(table, columns.Users.Name, columns.Items.Name, predictions);
    }

    /// <summary>The rating of the item that each row names; what the user gives on average where it names
    /// none.</summary>
    private float[]? RatingsOf(RecommenderPreprocessing preprocessing, Table table, int[] users)
    {
        if (Ratings is null) return null;
        var items = preprocessing.Items.Codes(table);
        var ratings = new float[users.Length];
        for (var row = 0; row < ratings.Length; row++) ratings[row] = Ratings.Score(users[row], items[row]);
        return ratings;
    }

    /// <summary>The best items that the user has not had, best first; of equals the lower code.</summary>
    private void Best(int user, float[] buffer, Span<int> codes, Span<float> scores)
    {
        Ranking.ScoreItems(user, buffer);
        foreach (var item in SeenBy(user)) buffer[item] = Recommendations.NoScore;
        codes.Fill(-1);
        scores.Fill(Recommendations.NoScore);
        for (var item = 0; item < buffer.Length; item++)
        {
            var score = buffer[item];
            if (!(score > scores[^1])) continue;
            var at = scores.Length - 1;
            for (; at > 0 && score > scores[at - 1]; at--) (codes[at], scores[at]) = (codes[at - 1], scores[at - 1]);
            (codes[at], scores[at]) = (item, score);
        }
    }
}
