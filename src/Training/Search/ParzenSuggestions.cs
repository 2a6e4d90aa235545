using System.Collections.Immutable;
using Gyre.Numerics;

namespace Gyre.Training.Search;

/// <summary>
/// Suggests options by the tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl, "Algorithms for
/// hyper-parameter optimization", 2011, section 4): what was tried is parted into the better quarter and the rest, each
/// becomes a density over the space, and of some draws from the better one's the draw is taken whose ratio of densities is
/// highest. The trainer is the first choice, by the root of how often it is among the better (cheap trainers must not take
/// over); its options follow and count as independent. Every fourth suggestion is
/// drawn evenly from the space, so that a lucky corner does not draw all that follow.
/// </summary>
internal static class ParzenSuggestions
{
    private const int Draws = 32;
    private const int EvenOneIn = 4;

    /// <summary>After so many trials for each of its options a trainer is chosen half as often: little is left to find.</summary>
    private const double PerParameter = 12;

    /// <summary>After so many suggestions that were tried before, the rest is drawn evenly.</summary>
    private const int DrawsOfBoth = 5;

    /// <summary>Suggests what has not been tried; null when nothing new was found.</summary>
    /// <param name="shelf">The trainers and their spaces.</param>
    /// <param name="tried">What was tried, best first; failed and pruned ones last.</param>
    /// <param name="share">The share of rows the new trial gets.</param>
    /// <param name="random">The source of chance.</param>
    public static TrialSpec? Next(TrainerShelf shelf, IReadOnlyList<TrialSpec> tried, double share, SeededRandom random)
    {
        var varied = shelf.Varied.ToArray();
        if (varied.Length == 0) return null;
        var keys = tried.Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        var evenly = random.NextInt(EvenOneIn) == 0;
        var better = Math.Max(3, (int)Math.Ceiling(tried.Count * 0.25));
        for (var attempt = 0; attempt < 20; attempt++)
        {
            double Chance(string name) => (0.3 + Math.Sqrt(tried.Take(better).Count(t => t.Trainer == name)))
                / (1 + (tried.Count(t => t.Trainer == name) / (PerParameter * shelf.Space(name).Parameters.Length)));

            var trainer = varied[Pick([.. varied.Select(Chance)], random)];
            var own = tried.Where(t => t.Trainer == trainer).ToArray();
            var good = Math.Clamp((int)Math.Ceiling(own.Length * 0.25), Math.Min(3, own.Length), own.Length);
            var options = shelf.Space(trainer).Parameters
                .Select(p => (p.Name, Value: evenly || attempt >= DrawsOfBoth
                    ? p.At(random.NextDouble()) : Suggest(p, own[..good], own[good..], random)));
            if (shelf.Fit(trainer, options, TrialOrigin.Suggested) is { } spec && keys.Add(spec.Key))
                return spec with { Share = share };
        }

        return null;
    }

    private static string Suggest(
        SearchParameter parameter, ReadOnlySpan<TrialSpec> good, ReadOnlySpan<TrialSpec> rest, SeededRandom random)
    {
        var (better, worse) = (Density.Of(parameter, good), Density.Of(parameter, rest));
        var (chosen, highest) = (0.5, double.NegativeInfinity);
        for (var i = 0; i < Draws; i++)
        {
            var position = better.Draw(random);
            var ratio = better.At(position) / worse.At(position);
            if (ratio > highest) (chosen, highest) = (position, ratio);
        }

        return parameter.At(chosen);
    }

    private static int Pick(double[] weights, SeededRandom random)
    {
        var at = random.NextDouble() * weights.Sum();
        for (var i = 0; i < weights.Length - 1; i++)
        {
            if ((at -= weights[i]) < 0) return i;
        }

        return weights.Length - 1;
    }

    /// <summary>A mixture of one kernel per observation and one uniform: normal kernels for numbers, the value's own
    /// stretch for choices.</summary>
    private sealed class Density(double[] centres, double width, bool isChoice)
    {
        public static Density Of(SearchParameter parameter, ReadOnlySpan<TrialSpec> specs)
        {
            var centres = new List<double>();
            foreach (var spec in specs)
            {
                // A trial that left the option at its default tells nothing about where in the space that is.
                if (spec.Options.TryGetValue(parameter.Name, out var text)) centres.Add(parameter.PositionOf(text));
            }

            return parameter is Choices choices
                ? new Density([.. centres], 0.5 / choices.Values.Length, true)
                : new Density([.. centres], Math.Clamp(0.5 / Math.Sqrt(centres.Count + 1.0), 0.1, 0.3), false);
        }

        public double Draw(SeededRandom random)
        {
            var kernel = random.NextInt(centres.Length + 1);
            if (kernel == centres.Length) return random.NextDouble();
            if (isChoice) return centres[kernel] + (width * ((2 * random.NextDouble()) - 1) * 0.999);
            while (true)
            {
                var position = centres[kernel] + (width * random.NextNormal());
                if (position is >= 0 and <= 1) return position;
            }
        }

        public double At(double position)
        {
            var sum = 1.0;
            foreach (var centre in centres)
            {
                if (isChoice)
                {
                    if (Math.Abs(position - centre) <= width) sum += 1 / (2 * width);
                    continue;
                }

                var z = (position - centre) / width;
                var inside = NormalDistribution.Cumulative((1 - centre) / width) - NormalDistribution.Cumulative(-centre / width);
                sum += Math.Exp(-0.5 * z * z) / (Math.Sqrt(2 * Math.PI) * width * inside);
            }

            return sum / (centres.Length + 1);
        }
    }
}
