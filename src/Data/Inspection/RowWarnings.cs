using System.Globalization;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Warnings about single columns, rows and classes.</summary>
internal static class RowWarnings
{
    private const double MostlyMissing = 0.5;
    private const double RareClass = 0.05;
    private const double RareClassOfMany = 0.01;

    public static IEnumerable<DataWarning> OfColumns(IEnumerable<ColumnProfile> profiles, long rows, string? target)
    {
        foreach (var p in profiles.Where(p => p.Name != target))
        {
            if (p.Distinct == 0)
                yield return DataWarning.About("constant-column", p.Name, $"'{p.Name}' has no value in any row");
            else if (p.Distinct == 1)
                yield return DataWarning.About("constant-column", p.Name, $"'{p.Name}' has {(p.Missing == 0 ? "the same value in every row" : "only one value")}");
            if (p.Type == ColumnType.Id)
                yield return DataWarning.About("id-feature", p.Name, $"'{p.Name}' names rows ({p.Distinct} different values in {rows} rows); as a feature it would be learnt by heart");
            if (p.Distinct > 0 && p.Missing > MostlyMissing * rows)
                yield return DataWarning.About("mostly-missing", p.Name, Text($"'{p.Name}' is missing in {p.Missing / (double)rows:0 %} of the rows"));
        }
    }

    public static DataWarning? Duplicates(
        SqlEngine engine, string table, Schema schema, long rows, CancellationToken cancellationToken)
    {
        var columns = schema.Where(c => c.Type != ColumnType.Id).Select(c => SqlText.Name(c.Name)).ToList();
        if (columns.Count == 0) return null;
        var distinct = long.Parse(
            engine.QueryText($"SELECT count(DISTINCT hash({string.Join(", ", columns)})) FROM {table}", cancellationToken) ?? "0",
            CultureInfo.InvariantCulture);
        return distinct == rows ? null : new DataWarning("duplicate-rows", null,
            Text($"{rows - distinct} of {rows} rows ({(rows - distinct) / (double)rows:0.0 %}) repeat another row: a random split would test on rows it trained on"), []);
    }

    public static IEnumerable<DataWarning> OfTarget(ColumnProfile target, TargetInference inference, long rows)
    {
        if (target.Missing > 0)
            yield return DataWarning.About("missing-target", target.Name, $"'{target.Name}' is missing in {target.Missing} of {rows} rows, which cannot be learnt from");
        if (inference.Classes.Count < 2) yield break;
        var (name, count) = inference.Classes[^1];
        var share = count / (double)(rows - target.Missing);
        if (share < (inference.Task == TaskKind.Binary ? RareClass : RareClassOfMany))
            yield return DataWarning.About("class-imbalance", target.Name, Text($"the class '{name}' of '{target.Name}' has {count} rows ({share:0.00 %}): judge by PR AUC or log loss, not accuracy"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
