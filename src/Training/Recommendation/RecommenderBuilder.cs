using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training.Recommendation;

/// <summary>Puts what a trainer learned into a pipeline: parameters become float32.</summary>
internal static class RecommenderBuilder
{
    /// <summary>A pipeline that ranks by some scores and predicts ratings by others, where ratings are known.</summary>
    public static FittedPipeline Build(
        TrainingSet set, Interactions data, FactorScores ranking, FactorScores? ratings, int top)
    {
        var model = new RecommenderModel(
            ranking, data.IsImplicit ? null : ratings, [.. data.ByUser.Starts], [.. data.ByUser.Others], top);
        var inputs = data.IsImplicit ? new Schema([set.Inputs[0]]) : set.Inputs;
        return new FittedPipeline(inputs, set.Task, [], set.TargetName, set.TargetType,
            new RecommenderPreprocessing(data.Users, data.Items), model);
    }

    /// <summary>Mean and biases alone.</summary>
    public static FactorScores Scores(Biases biases) =>
        new((float)biases.Mean, Round(biases.Users), Round(biases.Items), 0, [], []);

    /// <summary>Mean, biases and factors, row-major; the unknown user and item get factors of 0.</summary>
    public static FactorScores Scores(Biases biases, int factors, double[] users, double[] items) => new(
        (float)biases.Mean, Round(biases.Users), Round(biases.Items), factors,
        Round([.. users, .. new double[factors]]), Round([.. items, .. new double[factors]]));

    /// <summary>
    /// Factors of known users, and for the unknown one a score per item: one more factor, which only the unknown user
    /// has.
    /// </summary>
    public static FactorScores Scores(int factors, double[] users, double[] items, double[] unknownUser)
    {
        var (userCount, itemCount) = (users.Length / factors, unknownUser.Length);
        var userFactors = new float[(userCount + 1) * (factors + 1)];
        var itemFactors = new float[(itemCount + 1) * (factors + 1)];
        for (var u = 0; u < userCount; u++)
            for (var f = 0; f < factors; f++) userFactors[(u * (factors + 1)) + f] = (float)users[(u * factors) + f];
        userFactors[^1] = 1;
        for (var i = 0; i < itemCount; i++)
        {
            for (var f = 0; f < factors; f++) itemFactors[(i * (factors + 1)) + f] = (float)items[(i * factors) + f];
            itemFactors[(i * (factors + 1)) + factors] = (float)unknownUser[i];
        }

        return new FactorScores(0, [.. new float[userCount + 1]], [.. new float[itemCount + 1]], factors + 1,
            ImmutableArray.Create(userFactors), ImmutableArray.Create(itemFactors));
    }

    /// <summary>The share of users who had each item.</summary>
    public static double[] Popularity(Interactions data)
    {
        var shares = new double[data.ByItem.Owners];
        for (var i = 0; i < shares.Length; i++)
        {
            var weights = data.ByItem.Weights.AsSpan(data.ByItem.Starts[i], data.ByItem.CountOf(i));
            foreach (var weight in weights) shares[i] += weight;
            shares[i] /= data.ByUser.Owners;
        }

        return shares;
    }

    public static ImmutableArray<float> Round(double[] values) =>
        ImmutableArray.Create(Array.ConvertAll(values, v => (float)v));
}
