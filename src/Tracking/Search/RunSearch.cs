using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>What runs are searched by.</summary>
internal sealed record RunSearchQuery
{
    /// <summary>The experiments; none finds nothing.</summary>
    public required IReadOnlyList<long> ExperimentIds { get; init; }

    public string? Filter { get; init; }

    public ViewType ViewType { get; init; } = ViewType.ActiveOnly;

    public int MaxResults { get; init; } = 1000;

    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public string? PageToken { get; init; }
}

/// <summary>
/// Finds runs by a filter, in an order: nulls last in both directions, a metric's NaN before them; then the latest
/// start, then the id.
/// </summary>
internal static class RunSearch
{
    private static readonly KeyedTable Metrics = new("latest_metrics", "{0}.run_uuid = r.run_uuid");
    private static readonly KeyedTable Params = new("params", "{0}.run_uuid = r.run_uuid");
    private static readonly KeyedTable Tags = new("tags", "{0}.run_uuid = r.run_uuid");

    /// <summary>
    /// The ids of a page of runs. May take more than one statement: inside a read transaction they see one state.
    /// </summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<string> Search(DbConnection connection, RunSearchQuery query) =>
        Search(connection, query, CandidateLimits.Default);

    internal static Page<string> Search(DbConnection connection, RunSearchQuery query, CandidateLimits limits)
    {
        var clauses = FilterParser.Parse(SearchGrammar.Runs, query.Filter);
        var order = OrderByParser.Parse(SearchGrammar.Runs, query.OrderBy);
        var fingerprint = PageToken.Fingerprint(
            "runs", query.ExperimentIds, query.Filter ?? "", query.ViewType, query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);
        if (query.ExperimentIds.Count == 0) return new Page<string>([], null);

        var first = StartCandidates.Find(connection, query, clauses, order, token, limits)
            ?? RunCandidates.Find(connection, query, clauses, order, token, limits);
        if (first is not null)
        {
            var page = Fetch(first.Ids);
            // A further row exists among them: then none of the others belongs on this page.
            if (first.AreAll || page.NextPageToken is not null) return page;
        }

        return Fetch(null);

        Page<string> Fetch(IReadOnlyList<string>? among)
        {
            var sql = SqlText.For(connection);
            var statement = Statement(sql, query, clauses, order, byId: among is not null);
            if (among is not null) statement.Where(sql.In("r.run_uuid", among));
            return statement.Fetch(connection, reader => reader.GetString(0), query.MaxResults, token, fingerprint);
        }
    }

    /// <summary>The table that holds what an ordering or a clause names; null for attributes and datasets.</summary>
    public static KeyedTable? TableOf(FieldKind kind) => kind switch
    {
        FieldKind.Metric => Metrics,
        FieldKind.Param => Params,
        FieldKind.Tag => Tags,
        _ => null,
    };

    /// <summary>The condition on runs <c>r</c> that needs no other table.</summary>
    /// <param name="sql">Where values are bound.</param>
    /// <param name="query">The search.</param>
    /// <param name="byId">
    /// Whether the runs are to be looked up by their ids: the sign keeps off the index by start.
    /// </param>
    public static string Scope(SqlText sql, RunSearchQuery query, bool byId = false) =>
        sql.In(byId ? "+r.experiment_id" : "r.experiment_id", query.ExperimentIds)
        + query.ViewType switch
        {
            ViewType.ActiveOnly => " AND r.lifecycle_stage = 'active'",
            ViewType.DeletedOnly => " AND r.lifecycle_stage = 'deleted'",
            _ => "",
        };

    /// <summary>The search as one statement over runs <c>r</c>.</summary>
    public static SearchStatement Statement(
        SqlText sql, RunSearchQuery query, IReadOnlyList<Comparison> clauses, IReadOnlyList<Ordering> order,
        bool byId = false)
    {
        var statement = new SearchStatement(sql, "runs r", "r.run_uuid");
        statement.Where(Scope(sql, query, byId));
        foreach (var clause in clauses) statement.Where(Condition(sql, Stored(clause)));
        foreach (var ordering in order) statement.OrderBy(Key(sql, statement, ordering));
        if (!order.Any(ordering => ordering is { Kind: FieldKind.Attribute, Key: "start_time" }))
            statement.OrderBy(SortKey.NullsLast("r.start_time", FieldType.Integer, descending: true));
        if (!order.Any(ordering => ordering is { Kind: FieldKind.Attribute, Key: "run_id" }))
            statement.OrderBy(new SortKey("r.run_uuid", FieldType.Text, Descending: false));
        return statement;
    }

    /// <summary>The clause on what is stored: runs of old clients have their name in the tag alone.</summary>
    public static Comparison Stored(Comparison clause) => clause is { Kind: FieldKind.Attribute, Key: "run_name" }
        ? clause with { Kind = FieldKind.Tag, Key = RunTags.RunName }
        : clause;

    private static string Condition(SqlText sql, Comparison clause) => clause.Kind == FieldKind.Dataset
        ? DatasetCondition(sql, clause)
        : TableOf(clause.Kind)?.Matches(sql, clause) ?? sql.Compare(Column(clause.Key), clause);

    private static string DatasetCondition(SqlText sql, Comparison clause)
    {
        var (join, column) = clause.Key == "context"
            ? ("input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'", "t.value")
            : ("datasets d ON d.dataset_uuid = i.source_id", $"d.{clause.Key}");
        return $"EXISTS (SELECT 1 FROM inputs i JOIN {join} WHERE i.destination_type = 'RUN' " +
            $"AND i.destination_id = r.run_uuid AND i.source_type = 'DATASET' AND {sql.Compare(column, clause)})";
    }

    private static SortKey Key(SqlText sql, SearchStatement statement, Ordering ordering)
    {
        if (ordering.Kind == FieldKind.Attribute)
            return SortKey.NullsLast(Column(ordering.Key), ordering.Type, ordering.Descending);
        var table = TableOf(ordering.Kind) ?? throw new ArgumentOutOfRangeException(nameof(ordering), ordering, null);
        var alias = statement.NextAlias();
        statement.Join(table.LeftJoin(sql, alias, ordering.Key));
        var value = $"{alias}.value";
        if (ordering.Kind != FieldKind.Metric) return SortKey.NullsLast(value, ordering.Type, ordering.Descending);
        return new SortKey(value, FieldType.Real, ordering.Descending,
            $"CASE WHEN {alias}.is_nan THEN 1 WHEN {value} IS NULL THEN 2 ELSE 0 END");
    }

    private static string Column(string attribute) => attribute switch
    {
        "run_id" => "r.run_uuid",
        "run_name" => "r.name",
        _ => $"r.{attribute}", // one of the grammar's names
    };
}
