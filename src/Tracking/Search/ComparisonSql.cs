using System.Text;
using Gyre.Tracking.Storage;
using static Gyre.Tracking.Search.ComparisonOperator;

namespace Gyre.Tracking.Search;

/// <summary>Writes the comparison of a column with what a clause says.</summary>
internal static class ComparisonSql
{
    /// <summary>SQLite refuses patterns of more than 50,000 bytes; no stored text is as long as this.</summary>
    public const int MaxPattern = 16_000;

    private const string Never = "1 = 0";

    /// <summary>A condition that is not true for NULL.</summary>
    public static string Compare(this SqlText sql, string column, Comparison clause) => clause.Operator switch
    {
        Like => LikeSql(sql, column, Pattern(clause)),
        ILike => ILikeSql(sql, column, Pattern(clause)),
        In => Values(clause).Length == 0 ? Never : sql.In(column, Values(clause)),
        NotIn when Values(clause).Length == 0 => $"{column} IS NOT NULL",
        NotIn => $"NOT ({sql.In(column, Values(clause))})",
        IsNull => $"{column} IS NULL",
        IsNotNull => $"{column} IS NOT NULL",
        _ when clause is { Type: FieldType.Integer, Value: double value } =>
            CompareFraction(sql, column, clause.Operator, value),
        // A clause with such an operator has a value.
        _ => $"{column} {Symbol(clause.Operator)} {sql.Bind(clause.Value!)}",
    };

    /// <summary>Compares whole numbers with one that is none or lies outside their range, exactly.</summary>
    private static string CompareFraction(SqlText sql, string column, ComparisonOperator operation, double value)
    {
        var below = operation is Less or LessOrEqual;
        if (value is >= 9223372036854775808.0 or < -9223372036854775808.0)
        {
            var holds = operation == NotEqual || (operation != Equal && below == value > 0);
            return holds ? $"{column} IS NOT NULL" : Never;
        }

        var floor = Math.Floor(value);
        if (floor == value) return $"{column} {Symbol(operation)} {sql.Bind((long)floor)}";
        return operation switch
        {
            Equal => Never,
            NotEqual => $"{column} IS NOT NULL",
            _ => $"{column} {(below ? "<=" : ">")} {sql.Bind((long)floor)}",
        };
    }

    // PostgreSQL's LIKE has an escape character unless told otherwise, SQLite's has none.
    private static string LikeSql(SqlText sql, string column, string pattern) => sql.Dialect == SqlDialect.Sqlite
        ? $"{column} LIKE {sql.Bind(pattern)}"
        : $"{column} LIKE {sql.Bind(pattern)} ESCAPE ''";

    // SQLite's LIKE minds case here: the connections set PRAGMA case_sensitive_like, as MLflow's do.
    private static string ILikeSql(SqlText sql, string column, string pattern)
    {
        if (sql.Dialect == SqlDialect.Postgres) return $"{column} ILIKE {sql.Bind(pattern)} ESCAPE ''";
        var folded = sql.Bind(pattern.ToLowerInvariant());
        return Ascii.IsValid(pattern) ? $"lower({column}) LIKE {folded}" : $"{sql.UnicodeFold(column)} LIKE {folded}";
    }

    private static string Pattern(Comparison clause)
    {
        var pattern = (string)clause.Value!; // LIKE follows only fields of text
        return pattern.Length <= MaxPattern
            ? pattern
            : throw FilterException.Of($"Invalid filter: a pattern has at most {MaxPattern} characters.");
    }

    private static string[] Values(Comparison clause) => (string[])clause.Value!; // IN has a list

    private static string Symbol(ComparisonOperator operation) => operation switch
    {
        Equal => "=",
        NotEqual => "<>",
        Less => "<",
        LessOrEqual => "<=",
        Greater => ">",
        GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };
}
