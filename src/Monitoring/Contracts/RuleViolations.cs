using Gyre.Data;

namespace Gyre.Monitoring;

/// <summary>How often the rows of a window break one rule of the data contract.</summary>
/// <param name="Column">The column.</param>
/// <param name="Rule"><c>nullability</c>, <c>range</c> or <c>allowed</c>, as in <see cref="ContractReport"/>.</param>
/// <param name="Action">What the contract says should happen.</param>
/// <param name="Rows">The rows that break it.</param>
/// <param name="Share">The same as a share of the window, 0 to 1.</param>
public sealed record RuleViolations(string Column, string Rule, RuleAction Action, int Rows, double Share);
