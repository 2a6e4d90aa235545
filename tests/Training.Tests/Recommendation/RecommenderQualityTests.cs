using System.Diagnostics;
using Gyre.Fixtures;
using Gyre.Tabular;
using Xunit.Abstractions;

namespace Gyre.Training.Tests.Recommendation;

/// <summary>
/// Default settings against the recorded figures of another implementation (numpy) on the same rows: mean, biases and factors for
/// ratings, the best of popularity, item kNN and implicit ALS for rankings.
/// </summary>
public sealed class RecommenderQualityTests(ITestOutputHelper output)
{
    private static readonly TrainingContext Context = new(Seed: 1, Threads: 2);

    [SharedDataFact(InteractionFiles.Movies)]
    public void Als_MovieRatings_AtLeastAsGoodAsFactorsOfNumpy() => CheckRatings(new AlsTrainer());

    [SharedDataFact(InteractionFiles.Movies)]
    public void BiasedSgd_MovieRatings_AtLeastAsGoodAsFactorsOfNumpy() => CheckRatings(new BiasedSgdTrainer());

    [SharedDataFact(InteractionFiles.Movies)]
    public void Ials_LastMovies_BetterThanPopularityAndNeighbours() =>
        CheckRanking(InteractionFiles.Movies, (0.1398, 0.0702), (0.7643, 0.5700));

    [SharedDataFact(InteractionFiles.Retail)]
    public void Ials_LastPurchases_BetterThanPopularityAndNeighbours() =>
        CheckRanking(InteractionFiles.Retail, (0.144, 0.0835), (0.5884, 0.3803));

    private void CheckRatings(ITrainer trainer)
    {
        var (train, test) = InteractionFiles.Ratings();
        var clock = Stopwatch.StartNew();
        var pipeline = trainer.Train(train, null, Context);
        var seconds = clock.Elapsed.TotalSeconds;
        var columns = (RecommenderPreprocessing)pipeline.Preprocessing;
        var ratings = ((RecommenderModel)pipeline.Model).Ratings!;
        var (users, items) = (columns.Users.Codes(test.Features), columns.Items.Codes(test.Features));
        double all = 0, warm = 0, known = 0;
        for (var row = 0; row < users.Length; row++)
        {
            var error = ratings.Score(users[row], items[row]) - test.Target[row];
            all += error * error;
            if (users[row] == columns.Users.Ids.Length || items[row] == columns.Items.Ids.Length) continue;
            warm += error * error;
            known++;
        }

        var (rmse, rmseWarm) = (Math.Sqrt(all / users.Length), Math.Sqrt(warm / known));
        output.WriteLine($"{trainer.Name}: rmse {rmse:F4}, warm {rmseWarm:F4} on {known} rows; {seconds:F2} s");
        Assert.Equal(12735, known);
        Assert.True(rmse <= 1.645, $"rmse {rmse}");
        Assert.True(rmseWarm <= 1.4873, $"rmse warm {rmseWarm}");
    }

    private void CheckRanking(string file, (double HitRate, double Ndcg) all, (double HitRate, double Ndcg) sampled)
    {
        var (train, test) = InteractionFiles.LastItems(file);
        var clock = Stopwatch.StartNew();
        var pipeline = new ImplicitAlsTrainer().Train(train, null, Context);
        var seconds = clock.Elapsed.TotalSeconds;
        var against = RankingEvaluation.Summarize(RankingEvaluation.Ranks(pipeline, test.Features));
        var drawn = RankingEvaluation.Summarize(RankingEvaluation.Ranks(pipeline, test.Features, negatives: 99));
        output.WriteLine($"{file}: {against}, 1 + 99: {drawn}; {seconds:F2} s");
        Assert.True(against.HitRate >= all.HitRate && against.Ndcg >= all.Ndcg, $"all items: {against}");
        Assert.True(drawn.HitRate >= sampled.HitRate && drawn.Ndcg >= sampled.Ndcg, $"1 + 99: {drawn}");
    }
}
