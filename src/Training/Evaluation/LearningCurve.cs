using System.Collections.Immutable;
using System.Globalization;
using Gyre.Numerics;

namespace Gyre.Training;

/// <summary>
/// How a metric changes with the number of training rows, measured on the same test rows of each fold, and a power law
/// metric = limit + scale × rows^−rate through it (Hestness et al. 2017). Answers whether more data would help.
/// </summary>
/// <param name="Metric">The metric.</param>
/// <param name="Points">By growing numbers of rows.</param>
/// <param name="Limit">Where the law ends with endless rows; NaN when no law fits.</param>
/// <param name="Scale">The law's scale.</param>
/// <param name="Rate">The law's rate, above 0.</param>
public sealed record LearningCurve(
    string Metric, ImmutableArray<LearningPoint> Points, double Limit, double Scale, double Rate)
{
    private static readonly double[] Rates = [.. Enumerable.Range(1, 60).Select(i => i * 0.05)];

    /// <summary>What the law says for a number of rows.</summary>
    public double At(double rows) => Limit + (Scale * Math.Pow(rows, -Rate));

    /// <summary>The answer in words.</summary>
    public string Answer()
    {
        if (Points.Length < 2 || double.IsNaN(Limit))
            return "Too few points to say whether more rows would help.";
        var (most, higher) = (Points[^1], Metrics.HigherIsBetter(Metric));
        var gain = (At(most.Rows) - At(2.0 * most.Rows)) * (higher ? -1 : 1);
        var noise = Math.Max(most.Deviation / Math.Sqrt(Math.Max(most.Folds, 1)), 0);
        if (gain <= 0) return $"More rows would not help: {Metric} does not get better with them.";
        var change = string.Create(CultureInfo.InvariantCulture,
            $"twice the rows would {(higher ? "raise" : "lower")} {Metric} by about {gain:g2}");
        return gain > 2 * noise
            ? $"More rows would help: {change}."
            : string.Create(CultureInfo.InvariantCulture,
                $"More rows would help little: {change}, no more than it varies between folds (± {noise:g2}).");
    }

    /// <summary>Trains on growing shares of each fold's training rows.</summary>
    /// <param name="trainer">What trains.</param>
    /// <param name="set">All rows that may be used.</param>
    /// <param name="folds">At least one; each share is the first part of a fold's training rows, shuffled unless
    /// <paramref name="isByTime"/>.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="context">Seed, threads, cancellation.</param>
    /// <param name="isByTime">Whether rows are ordered by time: then shares are the newest rows.</param>
    /// <param name="shares">Of the training rows, ascending, above 0 to 1.</param>
    public static LearningCurve Compute(
        ITrainer trainer, TrainingSet set, ImmutableArray<Split> folds, string metric, TrainingContext context,
        bool isByTime = false, params ImmutableArray<double> shares)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(context);
        if (shares.IsDefaultOrEmpty) shares = [0.1, 0.2, 0.4, 0.7, 1];
        var points = ImmutableArray.CreateBuilder<LearningPoint>();
        foreach (var share in shares)
        {
            var (scores, rows) = (new List<double>(), new List<double>());
            foreach (var fold in folds)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                var part = Part(fold.Train, share, isByTime, context.Seed);
                if (part.Length < 20) continue;
                var train = set.Take(part);
                if (train.Target.IndexOfAnyExcept(train.Target[0]) < 0) continue;
                var test = set.Take(fold.Test);
                var score = Metrics.Compute(metric, test.Target, trainer.Train(train, null, context).Predict(test.Features));
                if (double.IsNaN(score)) continue;
                scores.Add(score);
                rows.Add(part.Length);
            }

            if (scores.Count == 0) continue;
            points.Add(new LearningPoint((int)Math.Round(rows.Average()), scores.Average(),
                scores.Count > 1 ? Moments.StandardDeviation([.. scores]) : 0, scores.Count));
        }

        var (limit, scale, rate) = Fit(points.ToImmutable());
        return new LearningCurve(metric, points.ToImmutable(), limit, scale, rate);
    }

    /// <summary>The law of least squares: for each rate of a grid the other two are linear. Three points are
    /// needed.</summary>
    internal static (double Limit, double Scale, double Rate) Fit(ImmutableArray<LearningPoint> points)
    {
        if (points.Length < 3) return (double.NaN, double.NaN, double.NaN);
        var (best, least) = ((double.NaN, double.NaN, double.NaN), double.PositiveInfinity);
        foreach (var rate in Rates)
        {
            var x = points.Select(p => Math.Pow(p.Rows, -rate)).ToArray();
            var (meanX, meanY) = (x.Average(), points.Average(p => p.Mean));
            var (covariance, variance) = (0.0, 0.0);
            for (var i = 0; i < x.Length; i++)
            {
                covariance += (x[i] - meanX) * (points[i].Mean - meanY);
                variance += (x[i] - meanX) * (x[i] - meanX);
            }

            if (!(variance > 0)) continue;
            var scale = covariance / variance;
            var limit = meanY - (scale * meanX);
            var error = points.Select((p, i) => p.Mean - limit - (scale * x[i])).Sum(e => e * e);
            if (error < least) (best, least) = ((limit, scale, rate), error);
        }

        return best;
    }

    private static int[] Part(int[] rows, double share, bool isByTime, ulong seed)
    {
        var count = Math.Max(1, (int)Math.Round(rows.Length * share));
        if (count >= rows.Length) return rows;
        if (isByTime) return rows[^count..];
        return Array.ConvertAll(SeededRandom.ForStream(seed, 6).Sample(rows.Length, count), i => rows[i]);
    }
}

/// <summary>A number of rows and what came of it.</summary>
/// <param name="Rows">The training rows, on average over the folds.</param>
/// <param name="Mean">The mean of the metric over the folds.</param>
/// <param name="Deviation">Its standard deviation between folds; 0 for a single one.</param>
/// <param name="Folds">The folds.</param>
public readonly record struct LearningPoint(int Rows, double Mean, double Deviation, int Folds);
