namespace Gyre.Tracking.Search;

/// <summary>Parses the items of an order: a field, then ASC or DESC in any case, or neither.</summary>
internal static class OrderByParser
{
    /// <summary>SQLite joins at most 64 tables.</summary>
    public const int MaxItems = 32;

    /// <summary>The items in their order; none when the list is null.</summary>
    /// <exception cref="FilterException">An item cannot be understood, or a field comes twice.</exception>
    public static IReadOnlyList<Ordering> Parse(SearchGrammar grammar, IReadOnlyList<string>? items)
    {
        if (items is null || items.Count == 0) return [];
        if (items.Count > MaxItems)
            throw FilterException.Of($"Invalid order_by: at most {MaxItems} items are allowed.");
        var orderings = new List<Ordering>(items.Count);
        foreach (var item in items)
        {
            var ordering = Parse(grammar, item);
            if (orderings.Any(other => other.Kind == ordering.Kind && other.Key == ordering.Key))
                throw FilterException.Of($"`order_by` contains duplicate fields: '{FilterException.Excerpt(item)}'.");
            orderings.Add(ordering);
        }

        return orderings;
    }

    private static Ordering Parse(SearchGrammar grammar, string item)
    {
        var blame = $"Invalid order_by clause '{FilterException.Excerpt(item)}'";
        var lexer = new Lexer(item, blame);
        var name = lexer.Next();
        var isName = name.Kind is TokenKind.Word or TokenKind.Backticked
            || (name.Kind == TokenKind.Text && item[name.Offset] == '"');
        if (!isName) throw FilterException.At(item, name.Offset, $"{blame}. Could not be parsed");
        // Registered models know no other names than their keys, and their message is MLflow's own.
        var badAttribute = grammar == SearchGrammar.RegisteredModels ? "Invalid order by key" : "Invalid attribute key";
        var direction = lexer.Next();
        if (direction.Kind != TokenKind.End && lexer.Next() is { Kind: not TokenKind.End } more)
            throw FilterException.At(item, more.Offset, $"{blame}. Could not be parsed");
        if (direction.Kind is not (TokenKind.End or TokenKind.Word))
            throw FilterException.At(item, direction.Offset, $"{blame}. Could not be parsed");
        if (direction.Kind == TokenKind.Word && !direction.Is("ASC") && !direction.Is("DESC"))
            throw FilterException.At(item, direction.Offset, $"{blame}. Invalid ordering key");
        var field = new FieldResolver(grammar, item).ResolveOrder(name, badAttribute);
        if (field.Kind != FieldKind.Attribute && (!grammar.OrdersByKey || field.Kind == FieldKind.Dataset))
            throw FilterException.At(item, name.Offset, $"{blame}. Invalid order_by entity");
        return new Ordering(field.Kind, field.Key, field.Type, direction.Is("DESC"));
    }
}
