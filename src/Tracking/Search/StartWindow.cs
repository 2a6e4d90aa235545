using System.Data.Common;
using System.Globalization;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Search;

/// <summary>
/// Guesses since when the runs of a page began, where the latest come first and there is no filter. SQLite keeps the top
/// of an order in a tree that each better row enters: runs lie in the table oldest first, so that each is better than
/// all before it, and a large experiment costs one insert and one removal a run. Those of a short time are few. Where
/// the guess gives too few, the whole search follows: this decides about time and never about results.
/// </summary>
internal static class StartWindow
{
    /// <summary>How many times the page the window would hold if runs began evenly.</summary>
    private const double Margin = 4;

    /// <summary>The time, or null where it would not help.</summary>
    public static long? Begin(
        DbConnection connection, RunSearchQuery query, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        PageToken? token, CandidateLimits limits)
    {
        var latestFirst = order.Count == 0
            || order[0] is { Kind: FieldKind.Attribute, Key: "start_time", Descending: true };
        if (!latestFirst || clauses.Count > 0 || connection.Dialect() != SqlDialect.Sqlite) return null;
        var sql = SqlText.For(connection);
        var scope = RunSearch.Scope(sql, query);
        if (token is not null)
        {
            if (token.After is not ["0", { } text, ..]
                || !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last))
                return null;
            scope += $" AND r.start_time <= {sql.Bind(last)}";
        }

        using var command = sql.Command(
            connection, $"SELECT count(*), min(r.start_time), max(r.start_time) FROM runs r WHERE {scope}");
        using var reader = command.ExecuteReader();
        reader.Read(); // an aggregate has one row
        var count = reader.GetInt64(0);
        var share = Margin * (query.MaxResults + 1) / Math.Max(count, 1);
        if (count < limits.FewRuns || share > 0.5 || reader.IsDBNull(1)) return null;
        var (first, latest) = (reader.GetInt64(1), reader.GetInt64(2));
        return (long)(latest - (((double)latest - first) * share));
    }
}
