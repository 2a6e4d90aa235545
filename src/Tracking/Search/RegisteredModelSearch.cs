using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>Finds registered models by a filter, in an order; by name unless ordered otherwise.</summary>
internal static class RegisteredModelSearch
{
    private static readonly KeyedTable Tags = new(
        "registered_model_tags", "{0}.workspace = m.workspace AND {0}.name = m.name");

    /// <summary>The names of a page of models.</summary>
    /// <exception cref="FilterException">The filter, the order or the token cannot be understood.</exception>
    public static Page<string> Search(DbConnection connection, ModelSearchQuery query)
    {
        var clauses = FilterParser.Parse(SearchGrammar.RegisteredModels, query.Filter);
        var order = OrderByParser.Parse(SearchGrammar.RegisteredModels, query.OrderBy);
        var fingerprint = PageToken.Fingerprint("registered-models", query.Filter ?? "", query.OrderBy);
        var token = PageToken.Decode(query.PageToken, fingerprint);

        var sql = SqlText.For(connection);
        var statement = new SearchStatement(sql, "registered_models m", "m.name");
        statement.Where("m.workspace = 'default'");
        PromptVisibility.Apply(statement, sql, Tags, clauses, attribute => $"m.{attribute}");
        foreach (var item in order)
        {
            statement.OrderBy(item.Key == "name"
                ? new SortKey("m.name", FieldType.Text, item.Descending)
                : SortKey.NullsLast("m.last_updated_time", item.Type, item.Descending));
        }

        if (!order.Any(item => item.Key == "name"))
            statement.OrderBy(new SortKey("m.name", FieldType.Text, Descending: false));
        return statement.Fetch(connection, reader => reader.GetString(0), query.MaxResults, token, fingerprint);
    }
}
