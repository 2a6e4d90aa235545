using System.Collections.Immutable;

namespace Gyre.Training.Calibration;

/// <summary>Fits calibrators to probabilities and what came of them.</summary>
internal static class CalibratorFit
{
    /// <summary>Knots are kept so far apart: steeper lines would magnify the last digits of float32 scores.</summary>
    private const double LeastGap = 1e-3;

    /// <summary>
    /// Maximum likelihood of slope and intercept by Newton's method with halved steps, over Platt's smoothed targets
    /// (n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2) (Lin, Lin and Weng 2007). A slope that is not above 0 (a model that ranks no
    /// better than chance) becomes a tiny one: order is kept.
    /// </summary>
    public static PlattCalibrator Platt(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> cameTrue)
    {
        var scores = new double[probabilities.Length];
        var positives = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = PlattCalibrator.LogOdds(probabilities[i]);
            if (cameTrue[i]) positives++;
        }

        var (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (scores.Length - positives + 2.0));
        var targets = new double[scores.Length];
        for (var i = 0; i < targets.Length; i++) targets[i] = cameTrue[i] ? high : low;
        var (slope, intercept) = (0.0, Math.Log((positives + 1.0) / (scores.Length - positives + 1.0)));
        var loss = Loss(scores, targets, slope, intercept);
        for (var iteration = 0; iteration < 100; iteration++)
        {
            var (ds, di) = Step(scores, targets, slope, intercept);
            if (Math.Abs(ds) + Math.Abs(di) < 1e-12) break;
            var size = 1.0;
            var next = Loss(scores, targets, slope - ds, intercept - di);
            while (next > loss && size > 1e-10)
            {
                size /= 2;
                next = Loss(scores, targets, slope - (size * ds), intercept - (size * di));
            }

            (slope, intercept, loss) = (slope - (size * ds), intercept - (size * di), next);
        }

        return new PlattCalibrator((float)Math.Max(slope, 1e-3), (float)intercept);
    }

    /// <summary>
    /// Isotonic regression by pooling adjacent violators, its blocks' means as knots. Values are kept 1 / (n + 2) off 0
    /// and 1: n rows cannot tell that something never happens.
    /// </summary>
    public static IsotonicCalibrator Isotonic(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> cameTrue)
    {
        var least = 1.0 / (probabilities.Length + 2);
        var blocks = Pool(probabilities, cameTrue);
        var kept = new List<Block>();
        foreach (var block in blocks)
        {
            if (kept.Count > 0 && block.Given - kept[^1].Given < LeastGap) kept[^1] = kept[^1].With(block);
            else kept.Add(block);
        }

        return new IsotonicCalibrator(
            [.. kept.Select(b => (float)b.Given)], [.. kept.Select(b => (float)Math.Clamp(b.True, least, 1 - least))]);
    }

    /// <summary>The blocks of an isotonic regression, by rising probability.</summary>
    internal static List<Block> Pool(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> cameTrue)
    {
        var given = probabilities.ToArray();
        var came = new double[given.Length];
        for (var i = 0; i < came.Length; i++) came[i] = cameTrue[i] ? 1 : 0;
        Array.Sort(given, came);
        var blocks = new List<Block>();
        for (var i = 0; i < given.Length;)
        {
            // Equal probabilities are one block from the start.
            var (rows, sum) = (0, 0.0);
            for (var first = given[i]; i < given.Length && given[i] == first; i++, rows++) sum += came[i];
            var block = new Block(given[i - 1], sum / rows, rows);
            while (blocks.Count > 0 && blocks[^1].True >= block.True)
            {
                block = blocks[^1].With(block);
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(block);
        }

        return blocks;
    }

    private static double Loss(double[] scores, double[] targets, double slope, double intercept)
    {
        var loss = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            var z = (slope * scores[i]) + intercept;
            loss += Math.Max(z, 0) - (z * targets[i]) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }

        return loss;
    }

    private static (double Slope, double Intercept) Step(double[] scores, double[] targets, double slope, double intercept)
    {
        double gs = 0, gi = 0, hss = 1e-12, hsi = 0, hii = 1e-12;
        for (var i = 0; i < scores.Length; i++)
        {
            var q = 1 / (1 + Math.Exp(-((slope * scores[i]) + intercept)));
            var (error, weight) = (q - targets[i], q * (1 - q));
            gs += error * scores[i];
            gi += error;
            hss += weight * scores[i] * scores[i];
            hsi += weight * scores[i];
            hii += weight;
        }

        var determinant = (hss * hii) - (hsi * hsi);
        return determinant > 0
            ? (((hii * gs) - (hsi * gi)) / determinant, ((hss * gi) - (hsi * gs)) / determinant)
            : (0, gi / hii);
    }

    /// <summary>Rows that share a calibrated probability.</summary>
    internal readonly record struct Block(double Given, double True, int Rows)
    {
        public Block With(Block next) => new(
            ((Given * Rows) + (next.Given * next.Rows)) / (Rows + next.Rows),
            ((True * Rows) + (next.True * next.Rows)) / (Rows + next.Rows),
            Rows + next.Rows);
    }
}
