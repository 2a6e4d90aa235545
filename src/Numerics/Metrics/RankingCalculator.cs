namespace Gyre.Numerics;

/// <summary>
/// How well scores rank the positive rows first: ROC AUC (the chance that a positive row scores above a negative one,
/// ties half), Gini's coefficient 2 AUC − 1, the statistic of Kolmogorov and Smirnov (the largest distance between the
/// scores' distributions among positive and negative rows), or average precision Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores.
/// Undefined (NaN) without a positive row and, but for average precision, without a negative one.
/// </summary>
internal sealed class RankingCalculator : MetricCalculator
{
    private readonly string _metric;
    private readonly int[] _order;
    private readonly bool[] _positive;
    private readonly bool[] _endsGroup;

    private RankingCalculator(string metric, double[] scores, bool[] positive)
    {
        _metric = metric;
        _order = new int[scores.Length];
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        var descending = Array.ConvertAll(scores, s => -s);
        Array.Sort(descending, _order);
        _positive = Array.ConvertAll(_order, row => positive[row]);
        _endsGroup = new bool[_order.Length];
        for (var i = 0; i < _order.Length; i++)
            _endsGroup[i] = i == _order.Length - 1 || descending[i] != descending[i + 1];
    }

    public static MetricCalculator Create(string metric, ReadOnlySpan<double> target, PredictedRows predictions)
    {
        var outputs = predictions.Outputs;
        var calculators = new RankingCalculator[outputs];
        for (var k = 0; k < outputs; k++)
        {
            var scores = new double[target.Length];
            var positive = new bool[target.Length];
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = predictions.Values[(i * outputs) + k];
                positive[i] = (int)target[i] == (outputs == 1 ? 1 : k);
            }

            calculators[k] = new RankingCalculator(metric, scores, positive);
        }

        return outputs == 1 ? calculators[0] : new OneVersusRest(calculators);
    }

    public override double Value(ReadOnlySpan<int> counts) => _metric switch
    {
        "pr_auc" => AveragePrecision(counts),
        "ks" => LargestDistance(counts),
        "gini" => (2 * Auc(counts)) - 1,
        _ => Auc(counts),
    };

    private double Auc(ReadOnlySpan<int> counts)
    {
        double above = 0, positives = 0, negatives = 0, groupPositives = 0, groupNegatives = 0;
        for (var i = 0; i < _order.Length; i++)
        {
            var count = counts[_order[i]];
            if (_positive[i]) groupPositives += count;
            else groupNegatives += count;
            if (!_endsGroup[i]) continue;
            above += groupNegatives * (positives + (groupPositives / 2));
            positives += groupPositives;
            negatives += groupNegatives;
            groupPositives = groupNegatives = 0;
        }

        return positives == 0 || negatives == 0 ? double.NaN : above / (positives * negatives);
    }

    private double LargestDistance(ReadOnlySpan<int> counts)
    {
        double positives = 0, negatives = 0, abovePositives = 0, aboveNegatives = 0, largest = 0;
        for (var i = 0; i < _order.Length; i++)
        {
            if (_positive[i]) positives += counts[_order[i]];
            else negatives += counts[_order[i]];
        }

        if (positives == 0 || negatives == 0) return double.NaN;
        for (var i = 0; i < _order.Length; i++)
        {
            if (_positive[i]) abovePositives += counts[_order[i]];
            else aboveNegatives += counts[_order[i]];
            if (_endsGroup[i])
                largest = Math.Max(largest, Math.Abs((abovePositives / positives) - (aboveNegatives / negatives)));
        }

        return largest;
    }

    private double AveragePrecision(ReadOnlySpan<int> counts)
    {
        double sum = 0, hits = 0, seen = 0, before = 0;
        for (var i = 0; i < _order.Length; i++)
        {
            var count = counts[_order[i]];
            seen += count;
            if (_positive[i]) hits += count;
            if (!_endsGroup[i] || hits == before) continue;
            sum += (hits - before) * hits / seen;
            before = hits;
        }

        return hits == 0 ? double.NaN : sum / hits;
    }

    /// <summary>The unweighted mean over the classes for which the metric is defined.</summary>
    private sealed class OneVersusRest(RankingCalculator[] classes) : MetricCalculator
    {
        public override double Value(ReadOnlySpan<int> counts)
        {
            double sum = 0;
            var defined = 0;
            foreach (var calculator in classes)
            {
                var value = calculator.Value(counts);
                if (double.IsNaN(value)) continue;
                sum += value;
                defined++;
            }

            return defined == 0 ? double.NaN : sum / defined;
        }
    }
}
