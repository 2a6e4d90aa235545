using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>What experiments are searched by.</summary>
internal sealed record ExperimentSearchQuery
{
    public string? Filter { get; init; }

    public ViewType ViewType { get; init; } = ViewType.ActiveOnly;

    public int MaxResults { get; init; } = 1000;

    /// <summary>By default the latest creation first, then the number.</summary>
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public string? PageToken { get; init; }
}

/// <summary>Finds experiments by a filter, in an order.</summary>
internal static class ExperimentSearch
{
    private static readonly KeyedTable Tags = new("experiment_tags", "{0}.experiment_id = e.experiment_id");
    private static readonly string[] DefaultOrder = ["creation_time DESC", "experiment_id ASC"];

    /// <summary>The numbers of a page of experiments.</summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<long> Search(DbConnection connection, ExperimentSearchQuery query)
    {
        var clauses = FilterParser.Parse(SearchGrammar.Experiments, query.Filter);
        var order = OrderByParser.Parse(
            SearchGrammar.Experiments, query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        var fingerprint = PageToken.Fingerprint("experiments", query.Filter ?? "", query.ViewType, query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);

        var sql = SqlText.For(connection);
        var statement = new SearchStatement(sql, "experiments e", "e.experiment_id");
        statement.Where("e.workspace = 'default'");
        if (query.ViewType != ViewType.All)
            statement.Where($"e.lifecycle_stage = '{(query.ViewType == ViewType.ActiveOnly ? "active" : "deleted")}'");
        foreach (var clause in clauses)
        {
            statement.Where(clause.Kind == FieldKind.Tag
                ? Tags.Matches(sql, clause)
                : sql.Compare($"e.{clause.Key}", clause));
        }

        foreach (var item in order) statement.OrderBy(SortKey.NullsLast($"e.{item.Key}", item.Type, item.Descending));
        if (!order.Any(item => item.Key == "experiment_id"))
            statement.OrderBy(new SortKey("e.experiment_id", FieldType.Integer, Descending: true));
        return statement.Fetch(connection, reader => reader.GetInt64(0), query.MaxResults, token, fingerprint);
    }
}
