using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>What happens when a rule is broken.</summary>
public enum RuleAction
{
    /// <summary>The run stops.</summary>
    Fail,

    /// <summary>The row is set aside in a file that says which rules it broke.</summary>
    Quarantine,

    /// <summary>It is reported; the row is used.</summary>
    Warn,
}

/// <summary>What data must be like. Immutable.</summary>
/// <param name="Columns">Rules per column.</param>
/// <param name="Freshness">How old the newest row may be; null when it may be any age.</param>
public sealed record DataContract(ImmutableArray<ColumnContract> Columns, FreshnessRule? Freshness = null)
{
    /// <summary>The rules of a column, or null.</summary>
    public ColumnContract? Find(string column) => Columns.FirstOrDefault(c => c.Name == column);

    /// <inheritdoc/>
    public bool Equals(DataContract? other) =>
        other is not null && Equals(Freshness, other.Freshness) && Columns.SequenceEqual(other.Columns);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Columns.Length, Freshness);
}

/// <summary>The rules of one column; a rule that is null is not checked.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">The type its values must fit.</param>
/// <param name="Nullability">Set when a value must be there.</param>
/// <param name="Range">The least and the greatest value of a Numeric or Integer column.</param>
/// <param name="Allowed">The only values of a Categorical column.</param>
/// <param name="Unique">Set when no value may repeat.</param>
public sealed record ColumnContract(
    string Name,
    TypeRule Type,
    NotNullRule? Nullability = null,
    RangeRule? Range = null,
    AllowedRule? Allowed = null,
    UniqueRule? Unique = null);

/// <summary>Values must fit a type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Action">What happens otherwise.</param>
public sealed record TypeRule(ColumnType Type, RuleAction Action = RuleAction.Quarantine);

/// <summary>A value must be there.</summary>
/// <param name="Action">What happens otherwise.</param>
public sealed record NotNullRule(RuleAction Action = RuleAction.Quarantine);

/// <summary>Numbers must lie in a closed range.</summary>
/// <param name="Min">The least, or null for no bound.</param>
/// <param name="Max">The greatest, or null for no bound.</param>
/// <param name="Action">What happens otherwise.</param>
public sealed record RangeRule(double? Min, double? Max, RuleAction Action = RuleAction.Warn);

/// <summary>Values must be one of a list.</summary>
/// <param name="Values">The list.</param>
/// <param name="Action">What happens otherwise.</param>
public sealed record AllowedRule(ImmutableArray<string> Values, RuleAction Action = RuleAction.Warn)
{
    /// <inheritdoc/>
    public bool Equals(AllowedRule? other) =>
        other is not null && Action == other.Action && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Values.Length, Action);
}

/// <summary>No value may repeat; missing values do not count. Quarantine keeps the first row of each value.</summary>
/// <param name="Action">What happens otherwise.</param>
public sealed record UniqueRule(RuleAction Action = RuleAction.Warn);

/// <summary>The newest row must not be older than an age.</summary>
/// <param name="Column">The Timestamp column that tells.</param>
/// <param name="MaxAge">The greatest age.</param>
/// <param name="Action">Fail or Warn; Quarantine, having no row to set aside, acts as Fail.</param>
public sealed record FreshnessRule(string Column, TimeSpan MaxAge, RuleAction Action = RuleAction.Warn);
