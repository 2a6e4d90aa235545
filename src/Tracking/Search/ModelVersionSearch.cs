using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>Finds versions of registered models by a filter, in an order. Deleted versions are never shown.</summary>
internal static class ModelVersionSearch
{
    private static readonly KeyedTable Tags = new(
        "model_version_tags", "{0}.workspace = m.workspace AND {0}.name = m.name AND {0}.version = m.version");

    private static readonly string[] DefaultOrder = ["last_updated_timestamp DESC"];

    /// <summary>Name and number of a page of versions.</summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<(string Name, int Version)> Search(DbConnection connection, ModelSearchQuery query)
    {
        var clauses = FilterParser.Parse(SearchGrammar.ModelVersions, query.Filter);
        var order = OrderByParser.Parse(
            SearchGrammar.ModelVersions, query.OrderBy.Count == 0 ? DefaultOrder : query.OrderBy);
        var fingerprint = PageToken.Fingerprint("model-versions", query.Filter ?? "", query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);

        var sql = SqlText.For(connection);
        var statement = new SearchStatement(sql, "model_versions m", "m.name", "m.version");
        statement.Where("m.workspace = 'default'");
        statement.Where("coalesce(m.current_stage, '') <> 'Deleted_Internal'");
        PromptVisibility.Apply(statement, sql, Tags, clauses, Column);
        foreach (var item in order) statement.OrderBy(SortKey.NullsLast(Column(item.Key), item.Type, item.Descending));
        if (!order.Any(item => item.Key == "name"))
            statement.OrderBy(new SortKey("m.name", FieldType.Text, Descending: false));
        if (!order.Any(item => item.Key == "version_number"))
            statement.OrderBy(new SortKey("m.version", FieldType.Integer, Descending: true));
        return statement.Fetch(
            connection, reader => (reader.GetString(0), reader.GetInt32(1)), query.MaxResults, token, fingerprint);
    }

    private static string Column(string attribute) => attribute switch
    {
        "version_number" => "m.version",
        "source_path" => "m.source",
        "creation_timestamp" => "m.creation_time",
        "last_updated_timestamp" => "m.last_updated_time",
        _ => $"m.{attribute}", // one of the grammar's names
    };
}
