using System.Globalization;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Contracts;

/// <summary>A rule that is checked row by row.</summary>
/// <param name="Column">The column.</param>
/// <param name="Rule">Its name in the report.</param>
/// <param name="Action">What happens to a row that breaks it.</param>
/// <param name="Broken">SQL over <see cref="CheckedRows"/>: true in a row that breaks it, never NULL.</param>
/// <param name="Requirement">The rule in words.</param>
internal sealed record RowRule(string Column, string Rule, RuleAction Action, string Broken, string Requirement)
{
    public string Label => $"{Column}.{Rule}";

    /// <summary>The rules of a column in the order type, nullability, range, allowed, unique.</summary>
    public static IEnumerable<RowRule> Of(ColumnContract contract, ColumnType actual)
    {
        var name = contract.Name;
        var column = SqlText.Name(name);
        var rejected = $"coalesce(list_contains({CheckedRows.RejectedColumns}, {SqlText.Literal(name)}), false)";
        yield return new RowRule(name, "type", contract.Type.Action, rejected, $"must be {contract.Type.Type}");
        if (contract.Nullability is { } present)
            yield return new RowRule(name, "nullability", present.Action, $"({column} IS NULL AND NOT {rejected})", "must not be missing");
        if (contract.Range is { } range && actual is ColumnType.Numeric or ColumnType.Integer)
            yield return Range(name, column, range);
        if (contract.Allowed is { } allowed)
        {
            yield return new RowRule(name, "allowed", allowed.Action,
                $"({column} IS NOT NULL AND NOT list_contains({SqlText.List(allowed.Values)}::VARCHAR[], CAST({column} AS VARCHAR)))",
                $"must be one of {allowed.Values.Length} values");
        }

        if (contract.Unique is { } unique)
        {
            yield return new RowRule(name, "unique", unique.Action,
                $"({column} IS NOT NULL AND row_number() OVER (PARTITION BY {column} ORDER BY {CheckedRows.Row}) > 1)",
                "must not repeat");
        }
    }

    private static RowRule Range(string name, string column, RangeRule range)
    {
        var checks = new List<string>();
        if (range.Min is { } min) checks.Add($"{column} < {Number(min)}");
        if (range.Max is { } max) checks.Add($"{column} > {Number(max)}");
        var broken = checks.Count == 0 ? "false" : $"coalesce({string.Join(" OR ", checks)}, false)";
        return new RowRule(name, "range", range.Action, broken,
            $"must be in {(range.Min is { } a ? Number(a) : "-∞")}..{(range.Max is { } b ? Number(b) : "∞")}");
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
