using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// How well a recommender ranks one held-out item per row among items that the row's user has not had: all of them, or
/// so many
/// drawn at random (He and others 2017, "1 + 99"). Thread-safe; the same seed draws the same items.
/// </summary>
public static class RankingEvaluation
{
    /// <summary>The place of each row's item, from 1; of equal scores the lower code stands first.</summary>
    /// <param name="pipeline">Made by a recommender.</param>
    /// <param name="rows">Has the user and the item column.</param>
    /// <param name="negatives">How many other items are drawn; null ranks against all.</param>
    /// <param name="seed">Draws them.</param>
    /// <returns>0 where the item is unknown or the user has had it: such a row cannot be a hit.</returns>
    /// <exception cref="ArgumentException">The pipeline does not recommend.</exception>
    public static int[] Ranks(FittedPipeline pipeline, Table rows, int? negatives = null, ulong seed = 7)
    {
        if (pipeline is not { Preprocessing: RecommenderPreprocessing columns, Model: RecommenderModel model })
            throw new ArgumentException("The pipeline does not recommend.", nameof(pipeline));
        var (users, items) = (columns.Users.Codes(rows), columns.Items.Codes(rows));
        var ranks = new int[users.Length];
        var scores = new float[model.ItemCount];
        var random = SeededRandom.ForStream(seed, 1);
        var lastUser = -1;
        for (var row = 0; row < ranks.Length; row++)
        {
            var (user, item) = (users[row], items[row]);
            if (item == model.ItemCount || model.SeenBy(user).BinarySearch(item) >= 0) continue;
            if (user != lastUser) model.Ranking.ScoreItems(user, scores);
            lastUser = user;
            ranks[row] = negatives is { } count
                ? 1 + Drawn(model, user, item, count, random).Count(other => Beats(scores, other, item))
                : 1 + CountBetter(scores, item) - CountBetterOf(model.SeenBy(user), scores, item);
        }

        return ranks;
    }

    /// <summary>The metrics of single held-out items: the share within the first k, and their mean discounted
    /// gain.</summary>
    /// <param name="ranks">From <see cref="Ranks"/>.</param>
    /// <param name="k">The length of a list.</param>
    public static (double HitRate, double Ndcg, double Map) Summarize(ReadOnlySpan<int> ranks, int k = 10)
    {
        double hits = 0, gain = 0, precision = 0;
        foreach (var rank in ranks)
        {
            if (rank == 0 || rank > k) continue;
            hits++;
            gain += 1 / Math.Log2(1 + rank);
            precision += 1.0 / rank;
        }

        return (hits / ranks.Length, gain / ranks.Length, precision / ranks.Length);
    }

    private static bool Beats(float[] scores, int other, int item) =>
        scores[other] > scores[item] || (scores[other] == scores[item] && other < item);

    private static int CountBetter(float[] scores, int item)
    {
        var better = 0;
        for (var other = 0; other < scores.Length; other++) better += Beats(scores, other, item) ? 1 : 0;
        return better;
    }

    private static int CountBetterOf(ReadOnlySpan<int> seen, float[] scores, int item)
    {
        var better = 0;
        foreach (var other in seen) better += Beats(scores, other, item) ? 1 : 0;
        return better;
    }

    /// <summary>Distinct items that the user has not had, other than the one held out.</summary>
    private static HashSet<int> Drawn(RecommenderModel model, int user, int item, int count, SeededRandom random)
    {
        var seen = model.SeenBy(user);
        var drawn = new HashSet<int>();
        var wanted = Math.Min(count, model.ItemCount - seen.Length - 1);
        while (drawn.Count < wanted)
        {
            var other = random.NextInt(model.ItemCount);
            if (other != item && seen.BinarySearch(other) < 0) drawn.Add(other);
        }

        return drawn;
    }
}
