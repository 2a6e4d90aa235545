namespace Gyre.Tracking.Search;

/// <summary>A table that holds values by owner and key: metrics, parameters, tags.</summary>
/// <param name="Name">The table.</param>
/// <param name="Owner">Joins a row, called <c>{0}</c>, to its owner.</param>
/// <param name="Key">The column of the key.</param>
/// <param name="Value">The column of the value.</param>
internal sealed record KeyedTable(string Name, string Owner, string Key = "key", string Value = "value")
{
    /// <summary>
    /// A condition on the owner. A missing key satisfies nothing but IS NULL, not even <c>!=</c>, so that this is a
    /// semijoin: the row is found by the primary key (key, owner).
    /// </summary>
    public string Matches(SqlText sql, Comparison clause, string also = "")
    {
        var missing = clause.Operator == ComparisonOperator.IsNull;
        var present = missing ? clause with { Operator = ComparisonOperator.IsNotNull } : clause;
        var exists = $"EXISTS (SELECT 1 FROM {Name} f WHERE {On(sql, "f", clause.Key)} " +
            $"AND {sql.Compare($"f.{Value}", present)}{also})";
        return missing ? $"NOT {exists}" : exists;
    }

    /// <summary>Joins the row of one key, which may be missing, under an alias.</summary>
    public string LeftJoin(SqlText sql, string alias, string key) =>
        $"LEFT JOIN {Name} {alias} ON {On(sql, alias, key)}";

    private string On(SqlText sql, string alias, string key) =>
        $"{alias}.{Key} = {sql.Bind(key)} AND {string.Format(null, Owner, alias)}";
}
