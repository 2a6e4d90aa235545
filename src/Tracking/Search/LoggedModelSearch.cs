using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>A dataset that metrics were measured on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Digest">Its digest; null for any.</param>
internal sealed record DatasetFilter(string Name, string? Digest = null);

/// <summary>An item of the order of logged models.</summary>
/// <param name="Field">An attribute, or <c>metrics.K</c>.</param>
/// <param name="Ascending">False for the greatest first.</param>
/// <param name="DatasetName">Only metrics measured on a dataset of that name, unless null or empty.</param>
/// <param name="DatasetDigest">Only metrics measured on a dataset of that digest, unless null or empty.</param>
internal sealed record LoggedModelOrdering(
    string Field, bool Ascending = true, string? DatasetName = null, string? DatasetDigest = null);

/// <summary>What logged models are searched by.</summary>
internal sealed record LoggedModelSearchQuery
{
    /// <summary>The experiments; none finds nothing.</summary>
    public required IReadOnlyList<long> ExperimentIds { get; init; }

    public string? Filter { get; init; }

    /// <summary>
    /// Limits the filter's metrics to these datasets; without metrics, models need a metric on one of them.
    /// </summary>
    public IReadOnlyList<DatasetFilter> Datasets { get; init; } = [];

    public int MaxResults { get; init; } = 50;

    /// <summary>By default the latest creation first.</summary>
    public IReadOnlyList<LoggedModelOrdering> OrderBy { get; init; } = [];

    public string? PageToken { get; init; }
}

/// <summary>Finds logged models by a filter, in an order. Deleted models are never shown.</summary>
internal static class LoggedModelSearch
{
    private const string OfModel = "{0}.model_id = l.model_id";

    private static readonly KeyedTable Metrics = new("logged_model_metrics", OfModel, "metric_name", "metric_value");
    private static readonly KeyedTable Params = new("logged_model_params", OfModel, "param_key", "param_value");
    private static readonly KeyedTable Tags = new("logged_model_tags", OfModel, "tag_key", "tag_value");

    /// <summary>The ids of a page of models.</summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<string> Search(DbConnection connection, LoggedModelSearchQuery query)
    {
        var clauses = FilterParser.Parse(SearchGrammar.LoggedModels, query.Filter);
        if (query.Datasets.Any(dataset => dataset.Name.Length == 0))
            throw FilterException.Of("`dataset_name` in the `datasets` clause must be specified.");
        var fingerprint = PageToken.Fingerprint(
            "logged-models", query.ExperimentIds, query.Filter ?? "", query.Datasets, query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);

        var sql = SqlText.For(connection);
        var statement = new SearchStatement(sql, "logged_models l", "l.model_id");
        foreach (var clause in clauses) statement.Where(Condition(sql, clause, query.Datasets));
        if (query.Datasets.Count > 0 && !clauses.Any(clause => clause.Kind == FieldKind.Metric))
        {
            statement.Where("EXISTS (SELECT 1 FROM logged_model_metrics f WHERE f.model_id = l.model_id" +
                MeasuredOn(sql, query.Datasets) + ")");
        }

        var byCreation = false;
        foreach (var item in LoggedModelOrder.Parse(query.OrderBy))
        {
            byCreation |= item.Field.Key == "creation_timestamp_ms";
            statement.OrderBy(Key(sql, item));
        }

        if (!byCreation) statement.OrderBy(new SortKey("l.creation_timestamp_ms", FieldType.Integer, Descending: true));
        statement.OrderBy(new SortKey("l.model_id", FieldType.Text, Descending: false));
        if (query.ExperimentIds.Count == 0) return new Page<string>([], null);
        statement.Where(sql.In("l.experiment_id", query.ExperimentIds));
        statement.Where("l.lifecycle_stage <> 'deleted'");
        return statement.Fetch(connection, reader => reader.GetString(0), query.MaxResults, token, fingerprint);
    }

    private static string Condition(SqlText sql, Comparison clause, IReadOnlyList<DatasetFilter> datasets) =>
        clause.Kind switch
        {
            FieldKind.Metric => Metrics.Matches(sql, clause, MeasuredOn(sql, datasets)),
            FieldKind.Param => Params.Matches(sql, clause),
            FieldKind.Tag => Tags.Matches(sql, clause),
            _ when clause.Key == "status" =>
                sql.Compare(Column("status"), clause with { Value = StatusName(clause.Value) }),
            _ => sql.Compare(Column(clause.Key), clause),
        };

    // The wire says LOGGED_MODEL_READY, the Python client READY.
    private static object? StatusName(object? value) => value switch
    {
        string name => name.Replace("LOGGED_MODEL_", "", StringComparison.Ordinal),
        string[] names => Array.ConvertAll(names, name => name.Replace("LOGGED_MODEL_", "", StringComparison.Ordinal)),
        _ => value,
    };

    private static string MeasuredOn(SqlText sql, IReadOnlyList<DatasetFilter> datasets)
    {
        if (datasets.Count == 0) return "";
        return $" AND ({string.Join(" OR ", datasets.Select(item => $"({OnDataset(sql, item.Name, item.Digest)})"))})";
    }

    private static string OnDataset(SqlText sql, string? name, string? digest)
    {
        var conditions = new List<string>();
        if (name is not null) conditions.Add($"f.dataset_name = {sql.Bind(name)}");
        if (digest is not null) conditions.Add($"f.dataset_digest = {sql.Bind(digest)}");
        return string.Join(" AND ", conditions);
    }

    private static SortKey Key(SqlText sql, (Field Field, LoggedModelOrdering Item) ordering)
    {
        var (field, item) = ordering;
        if (field.Key == "status" && field.Kind == FieldKind.Attribute) // stored, and ordered, as a number
            return new SortKey("l.status", FieldType.Integer, !item.Ascending);
        if (field.Kind == FieldKind.Attribute)
            return SortKey.NullsLast(Column(field.Key), field.Type, !item.Ascending);
        var dataset = OnDataset(sql, NullIfEmpty(item.DatasetName), NullIfEmpty(item.DatasetDigest));
        var latest = $"(SELECT f.metric_value FROM logged_model_metrics f WHERE f.model_id = l.model_id " +
            $"AND f.metric_name = {sql.Bind(field.Key)}{(dataset.Length == 0 ? "" : " AND " + dataset)} " +
            "ORDER BY f.metric_timestamp_ms DESC, f.metric_step DESC, f.run_id LIMIT 1)";
        return SortKey.NullsLast(latest, FieldType.Real, !item.Ascending);
    }

    private static string Column(string attribute) => attribute == "status"
        ? "CASE l.status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' WHEN 3 THEN 'UPLOAD_FAILED' ELSE 'UNSPECIFIED' END"
        : $"l.{attribute}"; // one of the grammar's names

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
