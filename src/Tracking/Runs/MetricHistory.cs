using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// The points of metrics, read from the database while the result is enumerated, so that their number takes no memory.
/// Thread-safe.
/// </summary>
internal sealed class MetricHistory(TrackingDatabase database)
{
    /// <summary>
    /// The points of one metric, by timestamp, step and value; none for an unknown run. They come in pieces, each of
    /// which holds until the next is asked for.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="key">The metric.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="offset">How many to pass over.</param>
    public IEnumerable<ReadOnlyMemory<HistoryPoint>> Read(string runId, string key, long limit, long offset)
    {
        using var connection = database.OpenReader();
        foreach (var piece in MetricRows.History(connection, runId, key, limit, offset)) yield return piece;
    }

    /// <summary>
    /// The points of one metric in several runs, run by run, at most <paramref name="limit"/> together.
    /// </summary>
    public IEnumerable<(string Run, MetricPoint Point)> Read(IReadOnlyList<string> runIds, string key, int limit)
    {
        using var connection = database.OpenReader();
        foreach (var run in runIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            foreach (var piece in MetricRows.History(connection, run, key, limit, 0))
            {
                limit -= piece.Length;
                for (var i = 0; i < piece.Length; i++)
                {
                    var point = piece.Span[i];
                    yield return (run, new MetricPoint(key, point.Value, point.Timestamp, point.Step));
                }
            }

            if (limit <= 0) yield break;
        }
    }

    /// <summary>
    /// The points at evenly chosen ones among the steps that the runs have, and at each run's first and last: for a
    /// chart.
    /// </summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="key">The metric.</param>
    /// <param name="start">The first step; with <paramref name="end"/> null, 0.</param>
    /// <param name="end">The last step; the greatest that there is when null.</param>
    /// <param name="count">How many steps to choose.</param>
    public IEnumerable<(string Run, MetricPoint Point)> Sample(
        IReadOnlyList<string> runIds, string key, long? start, long? end, int count)
    {
        using var connection = database.OpenReader();
        var runs = runIds.Distinct(StringComparer.Ordinal).ToList();
        var chosen = ChooseSteps([.. runs.Select(run => MetricRows.Steps(connection, run, key))], start, end, count);
        foreach (var run in runs)
        {
            foreach (var point in MetricRows.AtSteps(connection, run, key, chosen)) yield return (run, point);
        }
    }

    /// <summary>The chosen steps, ascending.</summary>
    internal static List<long> ChooseSteps(IReadOnlyList<List<long>> runs, long? start, long? end, int count)
    {
        var all = new SortedSet<long>(runs.SelectMany(steps => steps));
        if (all.Count == 0) return [];
        var (first, last) = (start ?? 0, end ?? all.Max);
        var steps = all.Where(step => step >= first && step <= last).ToList();
        var chosen = new SortedSet<long>(runs.Where(run => run.Count > 0).SelectMany(run => new[] { run[0], run[^1] })
            .Where(step => step >= first && step <= last));
        if (steps.Count <= count) chosen.UnionWith(steps);
        else
        {
            for (var i = 0; i < count; i++) chosen.Add(steps[(int)((long)i * steps.Count / count)]);
            chosen.Add(steps[^1]);
        }

        return [.. chosen];
    }
}
