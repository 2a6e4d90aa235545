using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Counts contract violations among inputs that serving accepted: it refuses a wrong type, but lets an unusual value
/// pass. Rules
/// that need the whole dataset (uniqueness, freshness) are not of a window. Thread-safe.
/// </summary>
public static class ContractViolations
{
    /// <summary>Counts them by rule, in the contract's order; rules that no row breaks are included.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="window">
    /// The inputs; columns of the contract that no model reads are not among them and are passed over.
    /// </param>
    public static ImmutableArray<RuleViolations> Count(DataContract contract, Table window)
    {
        var counts = ImmutableArray.CreateBuilder<RuleViolations>();
        foreach (var rules in contract.Columns)
        {
            if (!window.TryGet(rules.Name, out var column)) continue;
            if (rules.Nullability is { } present) Add("nullability", present.Action, column.MissingCount);
            if (rules.Range is { } range && column is Column<double> or Column<long>)
                Add("range", range.Action, CountOutside(column, range));
            if (rules.Allowed is { } allowed) Add("allowed", allowed.Action, CountOthers(column, allowed));

            void Add(string rule, RuleAction action, int rows) => counts.Add(new RuleViolations(
                rules.Name, rule, action, rows, window.RowCount == 0 ? 0 : (double)rows / window.RowCount));
        }

        return counts.ToImmutable();
    }

    private static int CountOutside(Column column, RangeRule range)
    {
        double min = range.Min ?? double.NegativeInfinity, max = range.Max ?? double.PositiveInfinity;
        var count = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsMissing(row)) continue;
            var value = column is Column<long> whole ? whole.Values[row] : ((Column<double>)column).Values[row];
            count += value < min || value > max ? 1 : 0;
        }

        return count;
    }

    private static int CountOthers(Column column, AllowedRule allowed)
    {
        var names = allowed.Values.ToHashSet(StringComparer.Ordinal);
        if (column is CategoricalColumn categories)
        {
            var known = categories.Categories.Select(names.Contains).ToArray();
            return categories.Codes.ToArray().Count(code => code != CategoricalColumn.MissingCode && !known[code]);
        }

        return Enumerable.Range(0, column.Length)
            .Count(row => !column.IsMissing(row) && !names.Contains(TextOf(column, row)));
    }

    private static string TextOf(Column column, int row) => column.ValueAt(row) switch
    {
        bool flag => flag ? "true" : "false",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
