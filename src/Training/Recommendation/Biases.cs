namespace Gyre.Training.Recommendation;

/// <summary>
/// Mean and damped biases (Koren 2010, section 2.1): how far an item's ratings lie from the mean and a user's from
/// what the
/// items let expect, each sum divided by its number of ratings plus a damping. Unknown users and items have none.
/// </summary>
/// <param name="Mean">The mean rating.</param>
/// <param name="Users">One per user and 0 for the unknown one.</param>
/// <param name="Items">One per item and 0 for the unknown one.</param>
internal sealed record Biases(double Mean, double[] Users, double[] Items)
{
    /// <summary>
    /// How often items and users are fitted in turn. Once leaves users who rate few, much-liked items with a bias that
    /// is the
    /// items'; after five the biases stand still.
    /// </summary>
    private const int Sweeps = 5;

    public static Biases Fit(Interactions data, double userDamping, double itemDamping)
    {
        var biases = new Biases(data.Mean, new double[data.ByUser.Owners + 1], new double[data.ByItem.Owners + 1]);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            Update(biases.Items, biases.Users, data.ByItem, data.Mean, itemDamping);
            Update(biases.Users, biases.Items, data.ByUser, data.Mean, userDamping);
        }

        return biases;
    }

    public double Of(int user, int item) => Mean + Users[user] + Items[item];

    private static void Update(double[] own, double[] others, Links links, double mean, double damping)
    {
        for (var owner = 0; owner < links.Owners; owner++)
        {
            double sum = 0, weight = damping;
            for (var k = links.Starts[owner]; k < links.Starts[owner + 1]; k++)
            {
                sum += links.Weights[k] * (links.Values[k] - mean - others[links.Others[k]]);
                weight += links.Weights[k];
            }

            own[owner] = sum / weight;
        }
    }
}
