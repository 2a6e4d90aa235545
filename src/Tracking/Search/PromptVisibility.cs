namespace Gyre.Tracking.Search;

/// <summary>
/// Prompts are stored as registered models with a tag. Searches for models do not show them unless the filter asks.
/// </summary>
internal static class PromptVisibility
{
    private const string Tag = "mlflow.prompt.is_prompt";

    /// <summary>Adds the clauses to the statement, without prompts or with prompts only.</summary>
    /// <param name="statement">Over rows <c>m</c> with <c>workspace</c> and <c>name</c>.</param>
    /// <param name="sql">The statement's parameters.</param>
    /// <param name="tags">The table of tags, keyed by workspace, key and name.</param>
    /// <param name="clauses">The filter's clauses.</param>
    /// <param name="column">The column of an attribute.</param>
    public static void Apply(
        SearchStatement statement, SqlText sql, KeyedTable tags, IReadOnlyList<Comparison> clauses,
        Func<string, string> column)
    {
        var asks = clauses.FirstOrDefault(IsPromptTag) is { } first && WantsPrompts(first);
        foreach (var clause in clauses)
        {
            if (clause.Kind == FieldKind.Attribute) statement.Where(sql.Compare(column(clause.Key), clause));
            else if (asks || !IsPromptTag(clause)) statement.Where(tags.Matches(sql, clause));
        }

        if (asks) return;
        statement.Where($"NOT EXISTS (SELECT 1 FROM {tags.Name} p WHERE p.workspace = m.workspace " +
            $"AND p.key = '{Tag}' AND p.name = m.name AND p.value = 'true')");
    }

    private static bool IsPromptTag(Comparison clause) => clause is { Kind: FieldKind.Tag, Key: Tag };

    private static bool WantsPrompts(Comparison clause) => clause.Value is string value && clause.Operator switch
    {
        ComparisonOperator.Equal => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        ComparisonOperator.NotEqual => value.Equals("false", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
