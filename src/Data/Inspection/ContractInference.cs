using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Writes a contract that the data seen fulfils, with room for what was not seen.</summary>
internal static class ContractInference
{
    /// <summary>More rows per value than this, and the values seen are taken for all there are.</summary>
    private const int RowsPerAllowedValue = 20;

    public static DataContract Infer(
        IEnumerable<ColumnProfile> profiles, long rows, string? target = null, TaskKind? task = null) =>
        new([.. profiles.Select(profile => profile.Name == target && task is TaskKind.Binary or TaskKind.Multiclass
            ? OfClasses(Of(profile, rows), profile)
            : Of(profile, rows))]);

    /// <summary>A row of a class that was never seen, such as a mistyped actual value, must not stop every later training.</summary>
    private static ColumnContract OfClasses(ColumnContract contract, ColumnProfile profile) =>
        profile.Type == ColumnType.Categorical && !profile.Values.IsEmpty
            ? contract with { Allowed = new AllowedRule(profile.Values, RuleAction.Quarantine) }
            : contract;

    private static ColumnContract Of(ColumnProfile profile, long rows) => new(
        profile.Name,
        new TypeRule(profile.Type),
        profile.Missing == 0 ? new NotNullRule() : null,
        profile.Type is ColumnType.Numeric or ColumnType.Integer ? RangeOf(profile) : null,
        profile.Values.Length > 0 && rows >= RowsPerAllowedValue * (long)profile.Values.Length ? new AllowedRule(profile.Values) : null,
        profile.Type == ColumnType.Id && profile.Distinct == rows - profile.Missing ? new UniqueRule() : null);

    // As wide again as what was seen, on a round number. A sign that never changed is kept; one that did says that no
    // bound is natural.
    private static RangeRule? RangeOf(ColumnProfile profile)
    {
        if (profile is not { Min: { } min, Max: { } max }) return null;
        var span = Math.Max(max - min, Math.Max(Math.Abs(max), Math.Abs(min)));
        if (min >= 0) return new RangeRule(0, RoundUp(max + span));
        return max <= 0 ? new RangeRule(-RoundUp(-(min - span)), 0) : null;
    }

    // The next of 1, 2, 5 times a power of ten.
    private static double RoundUp(double value)
    {
        if (value <= 0) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        var step = new[] { 1.0, 2.0, 5.0, 10.0 }.First(s => s * power >= value * (1 - 1e-12) || s == 10.0);
        return Math.Max(step * power, value);
    }
}
