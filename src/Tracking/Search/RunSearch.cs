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

    /// <summary>The ids of a page of runs.</summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<string> Search(DbConnection connection, RunSearchQuery query)
    {
        var clauses = FilterParser.Parse(SearchGrammar.Runs, query.Filter);
        var order = OrderByParser.Parse(SearchGrammar.Runs, query.OrderBy);
        var fingerprint = PageToken.Fingerprint(
            "runs", query.ExperimentIds, query.Filter ?? "", query.ViewType, query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);
        if (query.ExperimentIds.Count == 0) return new Page<string>([], null);

        var sql = SqlText.For(connection);
        var statement = new SearchStatement(sql, "runs r", "r.run_uuid");
        statement.Where(sql.In("r.experiment_id", query.ExperimentIds));
        if (query.ViewType != ViewType.All)
            statement.Where(query.ViewType == ViewType.ActiveOnly ? Stage("active") : Stage("deleted"));
        foreach (var clause in clauses) statement.Where(Condition(sql, clause));
        foreach (var ordering in order) statement.OrderBy(Key(sql, statement, ordering));
        if (!order.Any(ordering => ordering is { Kind: FieldKind.Attribute, Key: "start_time" }))
            statement.OrderBy(SortKey.NullsLast("r.start_time", FieldType.Integer, descending: true));
        if (!order.Any(ordering => ordering is { Kind: FieldKind.Attribute, Key: "run_id" }))
            statement.OrderBy(new SortKey("r.run_uuid", FieldType.Text, Descending: false));
        return statement.Fetch(connection, reader => reader.GetString(0), query.MaxResults, token, fingerprint);
    }

    private static string Stage(string stage) => $"r.lifecycle_stage = '{stage}'";

    private static string Condition(SqlText sql, Comparison clause) => clause.Kind switch
    {
        FieldKind.Metric => Metrics.Matches(sql, clause),
        FieldKind.Param => Params.Matches(sql, clause),
        FieldKind.Tag => Tags.Matches(sql, clause),
        FieldKind.Dataset => DatasetCondition(sql, clause),
        // Runs of old clients have their name in the tag alone.
        _ when clause.Key == "run_name" => Tags.Matches(sql, clause with { Key = RunTags.RunName }),
        _ => sql.Compare(Column(clause.Key), clause),
    };

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
        var table = ordering.Kind switch { FieldKind.Metric => Metrics, FieldKind.Param => Params, _ => Tags };
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
