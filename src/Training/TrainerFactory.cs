using System.Collections.Immutable;
using System.Collections.Frozen;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Makes trainers by the name and options that a pipeline file gives.</summary>
public static class TrainerFactory
{
    private static readonly FrozenDictionary<string, Func<IReadOnlyDictionary<string, string>, ITrainer>> Makers =
        new Dictionary<string, Func<IReadOnlyDictionary<string, string>, ITrainer>>
        {
            [DummyTrainer.TrainerName] = DummyTrainer.Parse,
            [NaiveBayesTrainer.TrainerName] = overrides => new NaiveBayesTrainer(NaiveBayesOptions.Parse(overrides)),
            [LinearTrainer.TrainerName] = overrides => new LinearTrainer(LinearOptions.Parse(overrides)),
            [BoostingTrainer.TrainerName] = overrides => new BoostingTrainer(BoostingOptions.Parse(overrides)),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The trainers that learn from columns of a type.</summary>
    internal static ImmutableArray<string> TakingType(ColumnType type) =>
        [.. Names.Where(name => Makers[name](ImmutableDictionary<string, string>.Empty).FeatureTypes.Contains(type))];

    /// <summary>Makes a trainer.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="overrides">Options by name, as text; others keep their defaults.</param>
    /// <param name="task">What is predicted; every trainer of today serves every task.</param>
    /// <exception cref="GyreException">The name, an option or its value is not known; the message says what
    /// is.</exception>
    public static ITrainer Create(string name, IReadOnlyDictionary<string, string> overrides, TaskKind task)
    {
        if (!Enum.IsDefined(task)) throw new ArgumentOutOfRangeException(nameof(task), task, "Not a task.");
        return Makers.TryGetValue(name, out var make)
            ? make(overrides)
            : throw GyreException.Invalid($"There is no trainer '{name}'; there are {string.Join(", ", Names)}.");
    }
}
