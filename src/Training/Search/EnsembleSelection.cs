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
}
