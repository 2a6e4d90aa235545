namespace Gyre.Numerics;

/// <summary>
/// Metrics of decisions. A share of nothing is 0, as it is by default in scikit-learn. What is told of the positive class
/// when there are two is, for several, the unweighted mean over those that occur among targets or decisions.
/// </summary>
internal static class DecisionMetrics
{
    private delegate double OfClass(ClassCounts counts, int k);

    /// <summary>The metric by its name; null when there is none.</summary>
    public static Func<ClassCounts, double>? ByName(string name) => name switch
    {
        "f1" => counts => PositiveOrMean(counts, F1),
        "precision" => counts => PositiveOrMean(counts, (c, k) => Share(c.Hits[k], c.Called[k])),
        "recall" => counts => PositiveOrMean(counts, Recall),
        "specificity" => counts => PositiveOrMean(counts, Specificity),
        "f1_micro" => counts => Share(Sum(counts.Hits), counts.Rows),
        "f1_weighted" => WeightedF1,
        "balanced_accuracy" => BalancedAccuracy,
        "mcc" => MatthewsCorrelation,
        "cohen_kappa" => CohenKappa,
        _ => null,
    };

    private static double F1(ClassCounts counts, int k) => Share(2.0 * counts.Hits[k], counts.Actual[k] + counts.Called[k]);

    private static double Recall(ClassCounts counts, int k) => Share(counts.Hits[k], counts.Actual[k]);

    // Of the rows of other classes, those that are not called this one.
    private static double Specificity(ClassCounts counts, int k)
    {
        var others = counts.Rows - counts.Actual[k];
        return Share(others - (counts.Called[k] - counts.Hits[k]), others);
    }

    private static double PositiveOrMean(ClassCounts counts, OfClass metric)
    {
        if (counts.Classes == 2) return metric(counts, 1);
        var (sum, occurring) = (0.0, 0);
        for (var k = 0; k < counts.Classes; k++)
        {
            if (counts.Actual[k] + counts.Called[k] == 0) continue;
            sum += metric(counts, k);
            occurring++;
        }

        return sum / occurring;
    }

    private static double WeightedF1(ClassCounts counts)
    {
        var sum = 0.0;
        for (var k = 0; k < counts.Classes; k++) sum += counts.Actual[k] * F1(counts, k);
        return sum / counts.Rows;
    }

    private static double BalancedAccuracy(ClassCounts counts)
    {
        var (sum, occurring) = (0.0, 0);
        for (var k = 0; k < counts.Classes; k++)
        {
            if (counts.Actual[k] == 0) continue;
            sum += Recall(counts, k);
            occurring++;
        }

        return sum / occurring;
    }

    // Gorodkin 2004, for any number of classes; 0 when all rows are of one class or called one.
    private static double MatthewsCorrelation(ClassCounts counts)
    {
        double rows = counts.Rows, together = 0, actual = 0, called = 0;
        for (var k = 0; k < counts.Classes; k++)
        {
            together += (double)counts.Actual[k] * counts.Called[k];
            actual += (double)counts.Actual[k] * counts.Actual[k];
            called += (double)counts.Called[k] * counts.Called[k];
        }

        var spread = ((rows * rows) - actual) * ((rows * rows) - called);
        return spread > 0 ? ((rows * Sum(counts.Hits)) - together) / Math.Sqrt(spread) : 0;
    }

    // Cohen 1960; undefined when targets and decisions are all of the same class.
    private static double CohenKappa(ClassCounts counts)
    {
        var expected = 0.0;
        for (var k = 0; k < counts.Classes; k++)
            expected += (double)counts.Actual[k] * counts.Called[k] / counts.Rows / counts.Rows;
        return expected < 1 ? ((Sum(counts.Hits) / (double)counts.Rows) - expected) / (1 - expected) : double.NaN;
    }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
