using System.Collections.Immutable;
using Gyre.Data;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Loop.Pipeline;

/// <summary>
/// Reads the `contract:` section. A rule is set by naming its action, or by its limits with an `action` beside them.
/// Every column has a type rule.
/// </summary>
internal static class ContractReader
{
    public static DataContract Read(YamlSection root, Schema columns)
    {
        var section = root.Section("contract");
        var rules = section?.Section("columns");
        foreach (var name in rules?.Keys ?? [])
            if (!columns.Contains(name)) throw rules!.Error(name, "there is no such column under `columns:`");
        var contract = new DataContract(
            [.. columns.Select(column => Column(column, rules?.Section(column.Name)))], Freshness(section));
        section?.Close();
        return contract;
    }

    private static ColumnContract Column(ColumnDefinition column, YamlSection? rules)
    {
        if (rules is null) return new ColumnContract(column.Name, new TypeRule(column.Type));
        var contract = new ColumnContract(
            column.Name,
            new TypeRule(column.Type, rules.Choice("type", RuleAction.Quarantine)),
            rules.Has("nullability") ? new NotNullRule(rules.Choice("nullability", RuleAction.Quarantine)) : null,
            Range(rules, column),
            Allowed(rules, column),
            rules.Has("unique") ? new UniqueRule(rules.Choice("unique", RuleAction.Warn)) : null);
        rules.Close();
        return contract;
    }

    private static RangeRule? Range(YamlSection rules, ColumnDefinition column)
    {
        if (rules.Section("range") is not { } range) return null;
        if (column.Type is not (ColumnType.Numeric or ColumnType.Integer))
            throw rules.Error("range", $"'{column.Name}' is no numeric column");
        var rule = new RangeRule(
            range.OptionalNumber("min"), range.OptionalNumber("max"), range.Choice("action", RuleAction.Warn));
        if (rule.Min > rule.Max) throw range.Error("min", $"{rule.Min} is above max {rule.Max}");
        range.Close();
        return rule;
    }

    private static AllowedRule? Allowed(YamlSection rules, ColumnDefinition column)
    {
        if (rules.Section("allowed") is not { } allowed) return null;
        if (column.Type != ColumnType.Categorical) throw rules.Error("allowed", $"'{column.Name}' is no categorical column");
        var rule = new AllowedRule(allowed.Texts("values"), allowed.Choice("action", RuleAction.Warn));
        allowed.Close();
        return rule;
    }

    private static FreshnessRule? Freshness(YamlSection? section)
    {
        if (section?.Section("freshness") is not { } freshness) return null;
        var rule = new FreshnessRule(
            freshness.Required("column"), freshness.Duration("max_age", TimeSpan.FromDays(1)),
            freshness.Choice("action", RuleAction.Warn));
        freshness.Close();
        return rule;
    }
}
