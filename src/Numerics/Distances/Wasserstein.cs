namespace Gyre.Numerics;

/// <summary>
/// The Wasserstein-1 (earth mover's) distance between two distributions on a line: the area between their distribution
/// functions, in the unit of the values.
/// </summary>
public static class Wasserstein
{
    /// <summary>The distance of two weighted samples.</summary>
    /// <param name="values">Ascending finite values of the first, at least one.</param>
    /// <param name="weights">Their weights, not negative, of positive sum; need not sum to 1.</param>
    /// <param name="otherValues">Ascending finite values of the second, at least one.</param>
    /// <param name="otherWeights">Their weights.</param>
    /// <exception cref="ArgumentException">A sample is empty, weighs nothing, or lengths differ.</exception>
    public static double Distance(
        ReadOnlySpan<double> values,
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> otherValues,
        ReadOnlySpan<double> otherWeights)
    {
        double total = Total(values, weights), otherTotal = Total(otherValues, otherWeights);
        int i = 0, j = 0;
        double reached = 0, otherReached = 0, distance = 0, position = Math.Min(values[0], otherValues[0]);
        while (i < values.Length || j < otherValues.Length)
        {
            var isFirst = i < values.Length && (j >= otherValues.Length || values[i] <= otherValues[j]);
            var next = isFirst ? values[i] : otherValues[j];
            distance += Math.Abs((reached / total) - (otherReached / otherTotal)) * (next - position);
            position = next;
            while (i < values.Length && values[i] == next) reached += weights[i++];
            while (j < otherValues.Length && otherValues[j] == next) otherReached += otherWeights[j++];
        }

        return distance;
    }

    /// <summary>
    /// What the distance is on average when both samples come from this distribution: √(2/π)·√(1/n + 1/m)·∫√(F(1 − F))
    /// dx,
    /// from the normal limit of the difference of the two empirical distribution functions at each point.
    /// </summary>
    /// <param name="values">Ascending values of the distribution.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="referenceRows">The rows n of the one sample.</param>
    /// <param name="windowRows">The rows m of the other.</param>
    public static double ExpectedWithoutDrift(
        ReadOnlySpan<double> values, ReadOnlySpan<double> weights, double referenceRows, double windowRows)
    {
        var total = Total(values, weights);
        double reached = 0, integral = 0;
        for (var i = 0; i + 1 < values.Length; i++)
        {
            reached += weights[i];
            var share = Math.Min(reached / total, 1);
            integral += Math.Sqrt(share * (1 - share)) * (values[i + 1] - values[i]);
        }

        return Math.Sqrt(2 / Math.PI) * Math.Sqrt((1 / referenceRows) + (1 / windowRows)) * integral;
    }

    private static double Total(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        if (values.Length != weights.Length || values.IsEmpty)
            throw new ArgumentException($"{values.Length} values have {weights.Length} weights.", nameof(weights));
        var total = 0.0;
        foreach (var weight in weights) total += weight;
        return total > 0 ? total : throw new ArgumentException("The weights sum to 0.", nameof(weights));
    }
}
