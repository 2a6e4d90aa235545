using System.Collections.Immutable;

namespace Gyre.Data;

/// <summary>What became of one rule.</summary>
/// <param name="Column">The column, or the time column for freshness.</param>
/// <param name="Rule">`present`, `type`, `nullability`, `range`, `allowed`, `unique` or `freshness`.</param>
/// <param name="Action">What the contract says should happen.</param>
/// <param name="Violations">Rows that break it; for `present` and `freshness` 0 or 1.</param>
/// <param name="Message">One line: the rule and, when broken, an example.</param>
public sealed record RuleResult(string Column, string Rule, RuleAction Action, long Violations, string Message)
{
    /// <summary>Whether no row breaks it.</summary>
    public bool Passed => Violations == 0;
}

/// <summary>What a contract found in a snapshot.</summary>
/// <param name="Results">One per rule, in the contract's order.</param>
/// <param name="QuarantinedRows">How many rows were set aside.</param>
/// <param name="QuarantinePath">
/// The CSV file with those rows: `row` (from 1 in the snapshot), `broken_rules` (`column.rule`, several joined by `; `), then the
/// columns, a value that did not fit its type as it was written. Null when there are none.
/// </param>
/// <param name="ValidPath">Parquet with the rows that may be used: the snapshot itself when none was set aside.</param>
/// <param name="Failed">Whether a rule with the action Fail is broken.</param>
public sealed record ContractReport(
    ImmutableArray<RuleResult> Results, long QuarantinedRows, string? QuarantinePath, string ValidPath, bool Failed)
{
    /// <summary>The rules that are broken.</summary>
    public IEnumerable<RuleResult> Broken => Results.Where(result => !result.Passed);
}
