using System.Data.Common;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Search;

/// <summary>Some runs that may hold the whole next page: the first of the order, or all that match a clause.</summary>
/// <param name="Ids">Their ids: every run that is not among them comes after all of them, or is no match.</param>
/// <param name="AreAll">Whether no other run can match.</param>
/// <remarks>
/// SQLite has no hash joins, so that a search looks each run of an experiment up in each table it needs, at a
/// microsecond each; PostgreSQL hashes all of them. Reading the first key's rows in order (a metric's by Gyre's index,
/// others in one pass over their table) and looking up only the runs at the top is many times faster on both, if enough
/// of them match. Where they do not, the whole search follows, so that this decides about time and never about results.
/// </remarks>
internal sealed record RunCandidates(IReadOnlyList<string> Ids, bool AreAll)
{
    /// <summary>With more rows a run than this, reading a key's rows by index beats reading the whole table.</summary>
    private const int RowsPerRun = 16;

    /// <summary>Finds them, or null where they would not help.</summary>
    public static RunCandidates? Find(
        DbConnection connection, RunSearchQuery query, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        PageToken? token, CandidateLimits limits)
    {
        var byKey = order.Count > 0 && RunSearch.TableOf(order[0].Kind) is not null;
        if (limits.PerResult < 1 || (!byKey && clauses.All(IsCheap))) return null;
        // Where only the first key decides, the top of its order is the page, but for ties and other experiments.
        var needed = query.MaxResults + 1L;
        var decides = byKey && clauses.All(clause => IsOf(clause, order[0]));
        var count = decides ? 2 * needed : Math.Max(limits.AtLeast, limits.PerResult * needed);
        // By its index that top is had for less than it costs to count the runs.
        if (decides && order[0].Kind == FieldKind.Metric && token is not { After: null })
            return KeyCandidates.Find(connection, clauses, order[0], token, count, runs: 0);
        var sql = SqlText.For(connection);
        var (inScope, all) = Count(connection, sql, RunSearch.Scope(sql, query));
        if (inScope < limits.FewRuns || inScope <= 2 * count) return null;
        var mostlyOthers = inScope * 4 < all; // then so are most rows of a key
        if (!mostlyOthers && ByClause(connection, clauses, order, limits, all) is { } few) return few;
        if (token is { After: null }) return null;
        if (!byKey) return ByRun(connection, query, clauses, order, token, count);
        return mostlyOthers ? null : KeyCandidates.Find(connection, clauses, order[0], token, count, all);
    }

    private static (long InScope, long All) Count(DbConnection connection, SqlText sql, string scope)
    {
        using var command = sql.Command(
            connection, $"SELECT (SELECT count(*) FROM runs r WHERE {scope}), (SELECT count(*) FROM runs)");
        using var reader = command.ExecuteReader();
        reader.Read(); // an aggregate has one row
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>
    /// All runs that satisfy one clause, if they are few. Where they are many, that shows early in the table.
    /// </summary>
    private static RunCandidates? ByClause(
        DbConnection connection, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        CandidateLimits limits, long runs)
    {
        var few = 2L * limits.AtLeast;
        var selective = clauses.Select(RunSearch.Stored).Where(clause => IsSelective(clause, order))
            .OrderBy(clause => clause.Operator != ComparisonOperator.Equal).Take(2);
        foreach (var clause in selective)
        {
            var table = RunSearch.TableOf(clause.Kind)!; // a selective clause has one
            var sql = SqlText.For(connection);
            var hint = TableHint(connection, clause.Kind, table, runs);
            using var command = sql.Command(connection,
                $"SELECT f.run_uuid FROM {table.Name} f{hint} WHERE f.key = {sql.Bind(clause.Key)} " +
                $"AND {sql.Compare("f.value", clause)} LIMIT {sql.Bind(few + 1)}");
            using var reader = command.ExecuteReader();
            var ids = new List<string>();
            while (reader.Read()) ids.Add(reader.GetString(0));
            if (ids.Count <= few) return new RunCandidates(ids, true);
        }

        return null;
    }

    // Ordering by the same key reads the clause's rows anyway.
    private static bool IsSelective(Comparison clause, IReadOnlyList<Ordering> order) =>
        RunSearch.TableOf(clause.Kind) is not null
        && clause.Operator is not (ComparisonOperator.NotEqual or ComparisonOperator.IsNull)
        && !(order.Count > 0 && IsOf(clause, order[0]));

    /// <summary>What keeps SQLite from a key's rows by index where reading the whole table is faster.</summary>
    public static string TableHint(DbConnection connection, FieldKind kind, KeyedTable table, long runs)
    {
        // Metrics have an index by value, and PostgreSQL knows best.
        if (kind == FieldKind.Metric || connection.Dialect() != SqlDialect.Sqlite) return "";
        // The greatest rowid is known at once and not less than the number of rows.
        return connection.Scalar($"SELECT max(rowid) FROM {table.Name}") is long rows && rows <= RowsPerRun * runs
            ? " NOT INDEXED"
            : "";
    }

    // Only where the order is total without other tables; then the same token begins both searches.
    private static RunCandidates? ByRun(
        DbConnection connection, RunSearchQuery query, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        PageToken? token, long count)
    {
        if (order.Any(ordering => ordering.Kind != FieldKind.Attribute)) return null;
        var sql = SqlText.For(connection);
        var statement = RunSearch.Statement(sql, query, [.. clauses.Where(IsCheap)], order);
        var page = statement.Fetch(connection, reader => reader.GetString(0), (int)count, token, "");
        return new RunCandidates(page.Items, page.NextPageToken is null);
    }

    /// <summary>Whether a clause is on what an ordering orders by.</summary>
    public static bool IsOf(Comparison clause, Ordering ordering) =>
        clause.Kind == ordering.Kind && clause.Key == ordering.Key;

    private static bool IsCheap(Comparison clause) => clause is { Kind: FieldKind.Attribute, Key: not "run_name" };
}

/// <summary>When <see cref="RunCandidates"/> are looked for, and how many.</summary>
/// <param name="FewRuns">Smaller experiments are looked up whole.</param>
/// <param name="AtLeast">At least so many.</param>
/// <param name="PerResult">And so many for each row of the page; with 0 none are looked for.</param>
internal readonly record struct CandidateLimits(int FewRuns, int AtLeast, int PerResult)
{
    public static CandidateLimits Default { get; } = new(2_000, 1_000, 5);
}
