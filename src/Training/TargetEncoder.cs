using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Turns a target column into numbers: values, or positions of classes.</summary>
internal static class TargetEncoder
{
    public static (double[] Values, TargetDescription Description) Encode(
        Column column, TaskKind task, string? positiveClass, IReadOnlyList<string>? known)
    {
        RefuseMissing(column);
        return task.HasClasses() ? EncodeClasses(column, task, positiveClass, known) : EncodeValues(column, task);
    }

    private static void RefuseMissing(Column column)
    {
        if (column.MissingCount == 0) return;
        var row = 0;
        while (!column.IsMissing(row)) row++;
        throw GyreException.Invalid(
            $"Target '{column.Name}' has no value in {column.MissingCount} rows (the first is row {row + 1}); "
            + "remove them first.");
    }

    private static (double[] Values, TargetDescription Description) EncodeValues(Column column, TaskKind task)
    {
        var values = column switch
        {
            Column<double> numbers => numbers.Values.ToArray(),
            Column<long> whole when column.Type == ColumnType.Integer =>
                Array.ConvertAll(whole.Values.ToArray(), v => (double)v),
            Column<bool> flags => Array.ConvertAll(flags.Values.ToArray(), v => v ? 1.0 : 0.0),
            _ => throw GyreException.Invalid($"Target '{column.Name}' is {column.Type}; {task.ToString().ToLowerInvariant()} needs numbers."),
        };
        var bad = Array.FindIndex(values, v => !double.IsFinite(v) || Math.Abs(v) > float.MaxValue);
        if (bad >= 0)
            throw GyreException.Invalid(
                $"Target '{column.Name}' is {values[bad]} in row {bad + 1}; a finite number is needed.");
        return (values, new TargetDescription(column.Name, column.Type, task, []));
    }

    private static (double[] Values, TargetDescription Description) EncodeClasses(
        Column column, TaskKind task, string? positiveClass, IReadOnlyList<string>? known)
    {
        var (labels, names, type) = Labels(column);
        var classes = known is null ? Order(column.Name, names, task, positiveClass) : [.. known];
        var position = new int[names.Length];
        for (var i = 0; i < names.Length; i++) position[i] = classes.IndexOf(names[i]);
        var values = new double[labels.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            values[row] = position[labels[row]];
            if (values[row] < 0)
                throw GyreException.Invalid(
                    $"Target '{column.Name}' is '{names[labels[row]]}' in row {row + 1}, which is not a known class.");
        }

        return (values, new TargetDescription(column.Name, type, task, classes));
    }

    // The distinct labels in their natural order and each row's position among them.
    private static (int[] Labels, string[] Names, ColumnType Type) Labels(Column column) => column switch
    {
        CategoricalColumn categories => FromCategories(categories),
        Column<bool> flags => FromValues(flags.Values, v => v ? "true" : "false", ColumnType.Boolean),
        Column<long> whole when column.Type == ColumnType.Integer =>
            FromValues(whole.Values, v => v.ToString(CultureInfo.InvariantCulture), ColumnType.Integer),
        Column<double> numbers when IsWhole(numbers.Values) => FromValues(
            numbers.Values, v => ((long)v).ToString(CultureInfo.InvariantCulture), ColumnType.Integer),
        _ => throw GyreException.Invalid(
            $"Target '{column.Name}' is {column.Type}; "
            + "classification needs categories, whole numbers or true and false."),
    };

    private static bool IsWhole(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (value != Math.Truncate(value) || Math.Abs(value) > 1L << 53) return false;
        }

        return true;
    }

    private static (int[] Labels, string[] Names, ColumnType Type) FromCategories(CategoricalColumn column)
    {
        var used = new bool[column.Categories.Count];
        foreach (var code in column.Codes) used[code] = true;
        var order = Enumerable.Range(0, used.Length).Where(c => used[c])
            .OrderBy(c => column.Categories[c], StringComparer.Ordinal).ToArray();
        var position = new int[used.Length];
        for (var i = 0; i < order.Length; i++) position[order[i]] = i;
        var labels = new int[column.Length];
        for (var row = 0; row < labels.Length; row++) labels[row] = position[column.Codes[row]];
        return (labels, Array.ConvertAll(order, c => column.Categories[c]), column.Type);
    }

    private static (int[] Labels, string[] Names, ColumnType Type) FromValues<T>(
        ReadOnlySpan<T> values, Func<T, string> name, ColumnType type) where T : unmanaged
    {
        var distinct = new SortedSet<T>(values.ToArray()).ToArray();
        var labels = new int[values.Length];
        for (var row = 0; row < labels.Length; row++) labels[row] = Array.BinarySearch(distinct, values[row]);
        return (labels, Array.ConvertAll(distinct, v => name(v)), type);
    }

    private static ImmutableArray<string> Order(string target, string[] names, TaskKind task, string? positiveClass)
    {
        if (task == TaskKind.Binary)
        {
            if (names.Length != 2)
                throw GyreException.Invalid(
                    $"Target '{target}' has {names.Length} classes; a binary task needs exactly 2.");
            if (positiveClass is null) return [.. names];
            var positive = Array.IndexOf(names, positiveClass);
            if (positive < 0)
                throw GyreException.Invalid(
                    $"Target '{target}' has no class '{positiveClass}'; "
                    + $"its classes are '{names[0]}' and '{names[1]}'.");
            return [names[1 - positive], names[positive]];
        }

        if (names.Length < 2)
            throw GyreException.Invalid(
                $"Target '{target}' has the single class '{names[0]}'; there is nothing to learn.");
        if (names.Length > 1000)
            throw GyreException.Invalid($"Target '{target}' has {names.Length} classes; at most 1000 are supported.");
        return [.. names];
    }
}
