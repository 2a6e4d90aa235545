namespace Gyre.Serving.Traffic.Statistics;

/// <summary>
/// Whether something happens more often than it may, looked at after every case: a likelihood ratio against the share
/// that is allowed, mixed over a grid of larger shares. As long as the share is at most the allowed one it is a
/// supermartingale, so that the chance that it <em>ever</em> reaches 1/alpha is at most alpha (Ville's inequality;
/// Robbins 1970). Exact from the first case on, where a normal approximation would need dozens.
/// </summary>
internal static class SequentialCount
{
    // How many times the allowed odds; the mixture's weights are equal.
    private static readonly double[] OddsRatios = [1.25, 1.5, 2, 3, 5, 10, 30, 100, 1000];

    /// <summary>The always-valid p-value of "the share is at most <paramref name="allowed"/>".</summary>
    /// <param name="hits">How often it happened.</param>
    /// <param name="cases">Out of how many.</param>
    /// <param name="allowed">The share that is allowed, in (0, 1).</param>
    public static double PValue(long hits, long cases, double allowed)
    {
        if (cases == 0) return 1;
        Span<double> terms = stackalloc double[OddsRatios.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            var odds = OddsRatios[i] * allowed / (1 - allowed);
            var share = odds / (1 + odds);
            terms[i] = hits * Math.Log(share / allowed) + (cases - hits) * Math.Log((1 - share) / (1 - allowed));
        }

        return Math.Min(1, Math.Exp(-LogMeanExp(terms)));
    }

    /// <summary>
    /// The always-valid p-value of "the challenger does not fail more often": given that a request failed, it is the
    /// challenger's with the probability of its share of the requests, however often requests fail at that hour.
    /// </summary>
    /// <param name="challenger">Failures of the challenger.</param>
    /// <param name="champion">Failures of the champion.</param>
    /// <param name="share">The challenger's share of the requests, in (0, 1).</param>
    public static double PValueOfMore(long challenger, long champion, double share) =>
        PValue(challenger, challenger + champion, share);

    private static double LogMeanExp(ReadOnlySpan<double> terms)
    {
        var largest = double.NegativeInfinity;
        foreach (var term in terms) largest = Math.Max(largest, term);
        var sum = 0.0;
        foreach (var term in terms) sum += Math.Exp(term - largest);
        return largest + Math.Log(sum / terms.Length);
    }
}
