using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Refuses columns that cannot be features.</summary>
internal static class FeatureCheck
{
    public static Table Select(Table table, string target, IReadOnlyList<string> features, TaskKind task)
    {
        if (features.Count == 0) throw GyreException.Invalid("No features are named; a model needs at least one.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in features)
        {
            if (!table.TryGet(name, out var column))
                throw GyreException.Invalid($"There is no feature column '{name}'.");
            if (name == target && task != TaskKind.Recommendation)
                throw GyreException.Invalid($"Column '{name}' is the target and cannot be a feature too.");
            if (!seen.Add(name)) throw GyreException.Invalid($"Feature '{name}' is named twice.");
            if (Objection(column.Type, task) is { } objection)
                throw GyreException.Invalid($"Column '{name}' cannot be a feature: {objection}");
        }

        return table.Select(features);
    }

    private static string? Objection(ColumnType type, TaskKind task) => type switch
    {
        _ when task == TaskKind.Recommendation => IdText.Types.Contains(type)
            ? null
            : $"it is {type.ToString().ToLowerInvariant()}; users and items are named by id, text, categorical or integer columns.",
        ColumnType.Id => "it only identifies the row.",
        ColumnType.Timestamp => "it is a point in time; derive numbers from it first (hour, weekday, month).",
        _ => null,
    };
}
