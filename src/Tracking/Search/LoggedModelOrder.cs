namespace Gyre.Tracking.Search;

/// <summary>Understands the order of logged models, which comes as objects instead of texts.</summary>
internal static class LoggedModelOrder
{
    /// <exception cref="FilterException">A field is unknown, or comes twice.</exception>
    public static IReadOnlyList<(Field Field, LoggedModelOrdering Item)> Parse(IReadOnlyList<LoggedModelOrdering> items)
    {
        if (items.Count > OrderByParser.MaxItems)
            throw FilterException.Of($"Invalid order_by: at most {OrderByParser.MaxItems} items are allowed.");
        var fields = new List<(Field Field, LoggedModelOrdering Item)>(items.Count);
        foreach (var item in items)
        {
            var field = Parse(item.Field);
            if (fields.Any(other => other.Field == field && SameDataset(other.Item, item)))
            {
                throw FilterException.Of(
                    $"`order_by` contains duplicate fields: '{FilterException.Excerpt(item.Field)}'.");
            }

            fields.Add((field, item));
        }

        return fields;
    }

    private static Field Parse(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 && SearchGrammar.LoggedModels.Orderable.TryGetValue(name, out var rule))
            return new Field(FieldKind.Attribute, rule.Name, rule.Type, false);
        if (dot < 0) throw FilterException.Of($"Invalid order by field name: {FilterException.Excerpt(name)}");
        var key = name[(dot + 1)..];
        if (key.Length > 2 && key[0] is '`' or '"' && key[^1] == key[0]) key = key[1..^1];
        return name.StartsWith("metrics.", StringComparison.Ordinal) && key.Length > 0
            ? new Field(FieldKind.Metric, key, FieldType.Real, false)
            : throw FilterException.Of(
                $"Invalid order by field name: {FilterException.Excerpt(name)}. Only metrics are supported.");
    }

    private static bool SameDataset(LoggedModelOrdering one, LoggedModelOrdering other) =>
        one.DatasetName == other.DatasetName && one.DatasetDigest == other.DatasetDigest;
}
