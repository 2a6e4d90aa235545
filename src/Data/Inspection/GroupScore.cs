namespace Gyre.Data.Inspection;

/// <summary>How well a group alone predicts the target: learnt on even rows, judged on odd ones.</summary>
internal static class GroupScore
{
    /// <summary>R² of the group's mean; NaN where the target does not vary.</summary>
    public static double R2(ColumnGroups groups, double[] y)
    {
        var (sum, count) = (new double[groups.Count], new int[groups.Count]);
        for (var i = 0; i < y.Length; i += 2)
        {
            sum[groups.Rows[i]] += y[i];
            count[groups.Rows[i]]++;
        }

        var mean = sum.Sum() / count.Sum();
        double error = 0, spread = 0;
        for (var i = 1; i < y.Length; i += 2)
        {
            var group = groups.Rows[i];
            var predicted = count[group] == 0 ? mean : sum[group] / count[group];
            error += (y[i] - predicted) * (y[i] - predicted);
            spread += (y[i] - mean) * (y[i] - mean);
        }

        return 1 - error / spread;
    }

    /// <summary>ROC AUC of the group's share of the second class; ties count half.</summary>
    public static double Auc(ColumnGroups groups, ColumnGroups classes)
    {
        var counts = Count(groups, classes, first: 0);
        var judged = Count(groups, classes, first: 1);
        // Classes are the groups 1 and 2 of a binary target. Unseen groups get the overall share.
        var scores = Enumerable.Range(0, groups.Count)
            .Select(g => (Share: (counts[g][2] + 0.5) / (counts[g].Sum() + 1.0), Negative: judged[g][1], Positive: judged[g][2]))
            .OrderBy(g => g.Share).ToArray();
        double negatives = 0, pairs = 0;
        for (var i = 0; i < scores.Length;)
        {
            double tiedNegative = 0, tiedPositive = 0;
            for (var share = scores[i].Share; i < scores.Length && scores[i].Share == share; i++)
            {
                tiedNegative += scores[i].Negative;
                tiedPositive += scores[i].Positive;
            }

            pairs += tiedPositive * (negatives + tiedNegative / 2);
            negatives += tiedNegative;
        }

        var positives = scores.Sum(s => (double)s.Positive);
        return pairs / (negatives * positives);
    }

    /// <summary>Accuracy of the group's most frequent class, and of the most frequent class of all.</summary>
    public static (double Accuracy, double Majority) Accuracy(ColumnGroups groups, ColumnGroups classes)
    {
        var counts = Count(groups, classes, first: 0);
        var judged = Count(groups, classes, first: 1);
        var overall = Enumerable.Range(0, classes.Count).Select(c => counts.Sum(g => g[c])).ToArray();
        var common = Array.IndexOf(overall, overall.Max());
        double right = 0, all = 0, rightByCommon = 0;
        for (var g = 0; g < groups.Count; g++)
        {
            var best = counts[g].Sum() == 0 ? common : Array.IndexOf(counts[g], counts[g].Max());
            right += judged[g][best];
            rightByCommon += judged[g][common];
            all += judged[g].Sum();
        }

        return (right / all, rightByCommon / all);
    }

    private static int[][] Count(ColumnGroups groups, ColumnGroups classes, int first)
    {
        var counts = new int[groups.Count][];
        for (var g = 0; g < counts.Length; g++) counts[g] = new int[classes.Count];
        for (var i = first; i < groups.Rows.Length; i += 2) counts[groups.Rows[i]][classes.Rows[i]]++;
        return counts;
    }
}
