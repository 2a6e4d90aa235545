using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data.Contracts;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>Holds a snapshot against a contract. Thread-safe.</summary>
public sealed class ContractChecker
{
    // Planning grows faster than the number of rules.
    private const int RulesAtOnce = 50;

    /// <summary>How the engine works.</summary>
    public SqlEngineOptions EngineOptions { get; init; } = new();

    /// <summary>
    /// Checks every rule. Rows that break a rule with the action Quarantine are written to a file, the others to
    /// another; both are there whole or not at all. When a Fail rule is broken nothing is written.
    /// </summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="contract">The rules.</param>
    /// <param name="quarantineFolder">Where both files go; created when needed.</param>
    /// <param name="now">The moment that freshness is measured from.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <exception cref="GyreException">The snapshot cannot be read.</exception>
    public Task<ContractReport> CheckAsync(
        Snapshot snapshot, DataContract contract, string quarantineFolder, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        Task.Run(() => Check(snapshot, contract, Path.GetFullPath(quarantineFolder), now, cancellationToken), cancellationToken);

    private ContractReport Check(
        Snapshot snapshot, DataContract contract, string folder, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine(EngineOptions);
        var results = new List<RuleResult>();
        var rules = new List<RowRule>();
        foreach (var column in contract.Columns)
        {
            if (snapshot.Schema.TryGet(column.Name, out var actual)) rules.AddRange(RowRule.Of(column, actual.Type));
            else results.Add(new RuleResult(column.Name, "present", RuleAction.Fail, 1, $"{column.Name}: the column is absent"));
        }

        foreach (var batch in rules.Chunk(RulesAtOnce)) results.AddRange(Count(engine, snapshot, batch, cancellationToken));
        if (contract.Freshness is { } freshness) results.Add(FreshnessCheck.Run(engine, snapshot, freshness, now));
        var failed = results.Any(r => !r.Passed && r.Action == RuleAction.Fail);
        var broken = rules.Where(rule => rule.Action == RuleAction.Quarantine
            && results.Any(r => r.Column == rule.Column && r.Rule == rule.Rule && !r.Passed)).ToList();
        if (failed || broken.Count == 0) return new ContractReport([.. results], 0, null, snapshot.Path, failed);
        return Quarantine.Write(engine, snapshot, broken, folder, cancellationToken) with { Results = [.. results] };
    }

    private static IEnumerable<RuleResult> Count(
        SqlEngine engine, Snapshot snapshot, RowRule[] rules, CancellationToken cancellationToken)
    {
        var flags = rules.Select((rule, i) => Invariant($"{rule.Broken} AS b{i}"));
        var counts = rules.Select((rule, i) => Invariant(
            $"count_if(b{i}) AS n{i}, arg_min({Example(rule)}, {CheckedRows.Row}) FILTER (WHERE b{i}) AS e{i}"));
        var answer = engine.QuerySmall(
            $"SELECT {string.Join(", ", counts)} FROM (SELECT *, {string.Join(", ", flags)} FROM ({CheckedRows.Sql(snapshot, rules.Select(rule => rule.Column))}))",
            cancellationToken);
        for (var i = 0; i < rules.Length; i++)
        {
            var violations = (long)(answer.Columns[2 * i].ValueAt(0) ?? 0L);
            var example = answer.Columns[2 * i + 1].ValueAt(0) as string;
            var message = violations == 0
                ? $"{rules[i].Column} {rules[i].Requirement}"
                : Invariant($"{rules[i].Column} {rules[i].Requirement}: {violations} rows do not, such as row {example}");
            yield return new RuleResult(rules[i].Column, rules[i].Rule, rules[i].Action, violations, message);
        }
    }

    // "17 ('abc')": the row's number and its value there.
    private static string Example(RowRule rule)
    {
        var value = $"coalesce({CheckedRows.RejectedTexts}[list_position({CheckedRows.RejectedColumns}, {SqlText.Literal(rule.Column)})], "
            + $"CAST({SqlText.Name(rule.Column)} AS VARCHAR))";
        return $"concat({CheckedRows.Row}, coalesce(' (''' || left({value}, 60) || ''')', ' (missing)'))";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
