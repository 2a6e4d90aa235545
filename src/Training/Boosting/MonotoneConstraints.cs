using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Features with which a prediction may only rise (+1) or only fall (−1) while all others stay as they are; missing
/// values are free. Immutable. As text: <c>age: +1, price: -1</c>, or <c>increasing</c> and <c>decreasing</c>.
/// </summary>
public sealed class MonotoneConstraints
{
    internal const string Form = "a list such as 'age: +1, price: -1' (or increasing, decreasing)";

    /// <summary>No constraint.</summary>
    public static MonotoneConstraints None { get; } = new(ImmutableSortedDictionary<string, int>.Empty);

    /// <summary>Creates them.</summary>
    /// <param name="directions">+1 or −1 per feature.</param>
    /// <exception cref="ArgumentException">A direction is another number.</exception>
    public MonotoneConstraints(IReadOnlyDictionary<string, int> directions)
    {
        foreach (var (feature, direction) in directions)
        {
            if (direction is not (1 or -1))
                throw new ArgumentException($"Feature '{feature}' has direction {direction}; 1 or -1 is allowed.",
                    nameof(directions));
        }

        Directions = directions.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>+1 or −1 per feature.</summary>
    public ImmutableSortedDictionary<string, int> Directions { get; }

    /// <summary>Reads the text; null when it is not of the form.</summary>
    public static MonotoneConstraints? TryParse(string text)
    {
        var directions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.LastIndexOf(':');
            if (colon <= 0 || Direction(part[(colon + 1)..].Trim()) is not { } direction) return null;
            if (!directions.TryAdd(part[..colon].Trim(), direction)) return null;
        }

        return directions.Count == 0 ? None : new MonotoneConstraints(directions);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(", ", Directions.Select(d => $"{d.Key}: {(d.Value > 0 ? "+1" : "-1")}"));

    /// <summary>Per feature of a set +1, −1 or 0; null without constraints.</summary>
    /// <exception cref="GyreException">
    /// There is no such feature, it is categorical, or the task is multiclass: probabilities of more than two classes
    /// do not follow one score.
    /// </exception>
    internal sbyte[]? For(TrainingSet set, TreePreprocessing preprocessing)
    {
        if (Directions.IsEmpty) return null;
        if (set.Task == TaskKind.Multiclass)
            throw Refuse($"a multiclass target ('{set.TargetName}') has no single direction");
        var columns = preprocessing.Features.ToList();
        var directions = new sbyte[columns.Count];
        foreach (var (name, direction) in Directions)
        {
            var at = columns.FindIndex(column => column.Name == name);
            if (at < 0) throw Refuse($"there is no feature '{name}'");
            if (columns[at].Type is ColumnType.Categorical or ColumnType.Text)
                throw Refuse($"'{name}' is {TrainingGuard.Name(columns[at].Type)}, which has no order");
            directions[at] = (sbyte)direction;
        }

        return directions;
    }

    private static GyreException Refuse(string reason) =>
        GyreException.Invalid($"Trainer '{BoostingTrainer.TrainerName}', option 'monotone': {reason}.");

    private static int? Direction(string text) => text switch
    {
        "+1" or "1" or "increasing" => 1,
        "-1" or "decreasing" => -1,
        _ => null,
    };
}
