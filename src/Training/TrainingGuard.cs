using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Refuses, before training begins, what a trainer cannot learn from: every trainer calls it first. Missing values,
/// columns of nothing else and a regression target of one value are fine: a column without values tells nothing, and the
/// prediction is then that value.
/// </summary>
internal static class TrainingGuard
{
    public static readonly ImmutableArray<ColumnType> TabularTypes =
        [ColumnType.Numeric, ColumnType.Integer, ColumnType.Boolean, ColumnType.Categorical];

    /// <summary>What trainers take that make numbers of text.</summary>
    public static readonly ImmutableArray<ColumnType> WithText = [.. TabularTypes, ColumnType.Text];

    /// <summary>What a trainer takes that looks at no feature.</summary>
    public static readonly ImmutableArray<ColumnType> WithImages = [.. WithText, ColumnType.Image];

    /// <exception cref="GyreException">
    /// A column is of a type that the trainer does not take, or infinite somewhere; the target has one class
    /// only, or more classes than there are rows; or training would take more memory than it may.
    /// </exception>
    public static void Check(ITrainer trainer, TrainingSet set, TrainingContext context)
    {
        foreach (var column in set.Features.Columns)
        {
            if (!trainer.FeatureTypes.Contains(column.Type)) throw Unfit(trainer, column);
            RefuseInfinite(column);
        }

        CheckTarget(set);
        CheckMemory(trainer, set, context);
    }

    private static GyreException Unfit(ITrainer trainer, Column column)
    {
        var able = TrainerFactory.TakingType(column.Type);
        var advice = able.Length == 0 ? "" : $" {string.Join(", ", able)} can.";
        return GyreException.Invalid(
            $"Trainer '{trainer.Name}' cannot learn from column '{column.Name}', which is {Name(column.Type)}.{advice}");
    }

    private static void RefuseInfinite(Column column)
    {
        if (column is not Column<double> numbers) return;
        var row = 0;
        foreach (var value in numbers.Values)
        {
            row++;
            if (!float.IsInfinity((float)value)) continue;
            throw GyreException.Invalid(
                $"Column '{column.Name}' is infinite (or beyond float32) in row {row}; training needs finite numbers or none.");
        }
    }

    private static void CheckTarget(TrainingSet set)
    {
        var target = set.Target;
        if (!set.Weights.IsEmpty && set.Weights.IndexOfAnyExcept(0) < 0)
            throw GyreException.Invalid($"All {set.RowCount} rows to learn from have weight 0.");
        if (set.Task.HasClasses() && set.Classes.Length > set.RowCount)
            throw GyreException.Invalid(
                $"Target '{set.TargetName}' has {set.Classes.Length} classes but there are {set.RowCount} rows to learn from.");
        if (!set.Task.HasClasses() || target.IndexOfAnyExcept(target[0]) >= 0) return;
        throw GyreException.Invalid(
            $"Target '{set.TargetName}' is '{set.Classes[(int)target[0]]}' in all {set.RowCount} rows to learn from; "
            + "there is nothing to tell apart.");
    }

    private static void CheckMemory(ITrainer trainer, TrainingSet set, TrainingContext context)
    {
        var needed = trainer.EstimateMemory(set);
        var limit = context.MemoryLimit ?? Available();
        if (needed <= limit) return;
        throw GyreException.Invalid(
            $"Training '{trainer.Name}' on {set.RowCount} rows of {set.Features.Columns.Count} features takes about "
            + $"{Megabytes(needed)} MB; {Megabytes(limit)} MB are available. Take fewer rows or features, or fewer bins.");
    }

    private static long Available()
    {
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - GC.GetTotalMemory(forceFullCollection: false));
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);

    /// <summary>A type as it reads after 'is'.</summary>
    public static string Name(ColumnType type) => type switch
    {
        ColumnType.Text => "free text",
        _ => type.ToString().ToLowerInvariant(),
    };
}
