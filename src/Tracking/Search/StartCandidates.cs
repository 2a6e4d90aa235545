using System.Data.Common;
using System.Globalization;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Search;

/// <summary>
/// The latest runs of each experiment, by Gyre's index on their start, where the latest come first and there is no
/// filter: a page then costs the same in a large experiment as in a small one, and deep in it as at its top.
/// </summary>
internal static class StartCandidates
{
    /// <summary>With more lists than this the whole search is as good.</summary>
    private const int MostLists = 16;

    /// <summary>Finds them, or null where they would not help.</summary>
    public static RunCandidates? Find(
        DbConnection connection, RunSearchQuery query, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        PageToken? token, CandidateLimits limits)
    {
        var latestFirst = order.Count == 0
            || order[0] is { Kind: FieldKind.Attribute, Key: "start_time", Descending: true };
        if (!latestFirst || clauses.Count > 0 || limits.PerResult < 1) return null;
        if (!TryReadStart(token, out var since)) return null;
        var stages = Stages(query.ViewType);
        var lists = query.ExperimentIds.Distinct().SelectMany(id => stages.Select(stage => (id, stage))).ToList();
        if (lists.Count > MostLists) return null;
        var needed = query.MaxResults + 1;
        var ids = new List<string>();
        foreach (var (experiment, stage) in lists)
        {
            if (Latest(connection, experiment, stage, since, needed) is not { } latest) return null;
            ids.AddRange(latest);
        }

        return new RunCandidates(ids, false);
    }

    /// <summary>The start of the last run on the page before; null on the first page. False where it has none.</summary>
    private static bool TryReadStart(PageToken? token, out long? since)
    {
        since = null;
        if (token is null) return true;
        if (token.After is not ["0", { } text, ..]
            || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last))
            return false;
        since = last;
        return true;
    }

    private static string[] Stages(ViewType view) => view switch
    {
        ViewType.ActiveOnly => ["active"],
        ViewType.DeletedOnly => ["deleted"],
        _ => ["active", "deleted"],
    };

    /// <summary>
    /// Those that started last, ties with the page before included: all that have a start, or at least
    /// <paramref name="needed"/> that nothing left out comes before. Null when too many tie.
    /// </summary>
    private static List<string>? Latest(
        DbConnection connection, long experiment, string stage, long? since, int needed)
    {
        var limit = 2L * needed;
        var found = connection.Query(
            """
            SELECT run_uuid, start_time FROM runs
            WHERE experiment_id = $1 AND lifecycle_stage = $2 AND start_time <= $3 ORDER BY start_time DESC LIMIT $4
            """,
            reader => (Id: reader.GetString(0), Start: reader.GetInt64(1)),
            experiment, stage, since ?? long.MaxValue, limit);
        if (found.Count == limit)
        {
            // Of those that tie with the last one, some were cut off.
            var cut = found[^1].Start;
            found.RemoveAll(run => run.Start == cut);
            // Those that tie with the page before may all have been on it.
            if (found.Count(run => since is null || run.Start < since) < needed) return null;
        }

        return found.ConvertAll(run => run.Id);
    }
}
