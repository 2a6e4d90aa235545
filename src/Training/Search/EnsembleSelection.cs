using Gyre.Numerics;

namespace Gyre.Training.Search;

/// <summary>
/// Greedy forward selection with replacement (Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from
/// libraries of models", 2004, sections 2 and 2.1): beginning with the best model, again and again the one whose
/// addition to the mean of out-of-fold predictions lowers the loss most is added, be it a member already. How often
/// each was added is its weight. The best of all stages wins, the earlier one when they tie.
/// </summary>
internal static class EnsembleSelection
{
    /// <summary>The most additions: weights are multiples of its inverse, or coarser.</summary>
    public const int Additions = 40;

    /// <summary>Tested rows above which one selection is taken as it is: chance has little say in it.</summary>
    private const int FewRows = 20_000;

    private const int Bags = 20;

    /// <summary>Fewer models leave nothing to draw from.</summary>
    private const int LeastToDraw = 6;

    /// <summary>
    /// Selects from all models, and when the tested rows are few, again and again from a random half of the models by a
    /// random half of the rows (section 2.3): the mean of the weights depends less on what happened to fit these rows.
    /// The heaviest stay. With few rows in all, a half of the rival trainers is drawn rather than of the models: which of
    /// them is best cannot be told, so that each has its say.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="plan">The tested rows.</param>
    /// <param name="models">Out-of-fold predictions of each, rows × outputs.</param>
    /// <param name="rivals">The trainer of each model that rivals the best; null for a model of a trainer that is worse for
    /// certain.</param>
    /// <param name="maxMembers">The most different members.</param>
    /// <param name="affordable">Whether a model may join the given members.</param>
    /// <param name="seed">Of the halves.</param>
    /// <param name="cancellationToken">Ends the selection with what there is.</param>
    /// <returns>The weights, summing to 1; all 0 when there is none.</returns>
    public static double[] Weights(
        string metric, FoldPlan plan, IReadOnlyList<float[]> models, IReadOnlyList<string?> rivals, int maxMembers,
        Func<IReadOnlyCollection<int>, int, bool> affordable, ulong seed, CancellationToken cancellationToken = default)
    {
        var weights = Shares(Select(new OutOfFoldScore(metric, plan), models, maxMembers, affordable, cancellationToken));
        if (models.Count < LeastToDraw || plan.Tested.Length > FewRows) return weights;
        for (var bag = 0; bag < Bags && !cancellationToken.IsCancellationRequested; bag++)
        {
            var random = SeededRandom.ForStream(seed, 9_000 + (ulong)bag);
            var drawn = plan.IsFew ? OfHalf(rivals, random) : random.Sample(models.Count, (models.Count + 1) / 2);
            var rows = random.Sample(plan.Tested.Length, (plan.Tested.Length + 1) / 2);
            var shares = Shares(Select(
                new OutOfFoldScore(metric, plan, rows), [.. drawn.Select(d => models[d])], maxMembers,
                (members, next) => affordable([.. members.Select(m => drawn[m])], drawn[next]), cancellationToken));
            for (var i = 0; i < drawn.Length; i++) weights[drawn[i]] += shares[i];
        }

        var kept = new List<int>();
        foreach (var m in Enumerable.Range(0, weights.Length).Where(m => weights[m] > 0).OrderByDescending(m => weights[m]))
            if (kept.Count < maxMembers && affordable(kept, m)) kept.Add(m);
        var sum = kept.Sum(m => weights[m]);
        return [.. weights.Select((w, m) => kept.Contains(m) ? w / sum : 0)];
    }

    /// <summary>Selects.</summary>
    /// <param name="score">Without members yet.</param>
    /// <param name="models">Out-of-fold predictions of each, rows × outputs.</param>
    /// <param name="maxMembers">The most different members.</param>
    /// <param name="affordable">Whether a model may join the given members.</param>
    /// <param name="cancellationToken">Ends the selection with what there is.</param>
    /// <returns>How often each model was added; all 0 when there is none.</returns>
    public static int[] Select(
        OutOfFoldScore score, IReadOnlyList<float[]> models, int maxMembers,
        Func<IReadOnlyCollection<int>, int, bool> affordable, CancellationToken cancellationToken = default)
    {
        var prepared = models.Select(score.Prepare).ToArray();
        var counts = new int[prepared.Length];
        var best = new int[prepared.Length];
        var least = double.PositiveInfinity;
        var members = new SortedSet<int>();
        for (var step = 0; step < Additions && !cancellationToken.IsCancellationRequested; step++)
        {
            var (next, loss) = (-1, double.PositiveInfinity);
            for (var m = 0; m < prepared.Length; m++)
            {
                if (!members.Contains(m) && (members.Count >= maxMembers || !affordable(members, m))) continue;
                var with = score.LossWith(prepared[m]);
                if (next < 0 || with < loss) (next, loss) = (m, with);
            }

            if (next < 0) break;
            score.Add(prepared[next]);
            members.Add(next);
            counts[next]++;
            if (loss >= least) continue;
            least = loss;
            counts.CopyTo(best, 0);
        }

        return best;
    }

    private static int[] OfHalf(IReadOnlyList<string?> rivals, SeededRandom random)
    {
        var names = rivals.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();
        var left = random.Sample(names.Length, names.Length / 2).Select(i => names[i]).ToHashSet();
        return [.. Enumerable.Range(0, rivals.Count).Where(m => rivals[m] is not { } name || !left.Contains(name))];
    }

    private static double[] Shares(int[] counts) =>
        counts.Sum() is var sum && sum > 0 ? Array.ConvertAll(counts, c => c / (double)sum) : new double[counts.Length];
}
