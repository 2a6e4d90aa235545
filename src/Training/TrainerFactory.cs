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
            [PopularityTrainer.TrainerName] = PopularityTrainer.Parse,
            [AlsTrainer.TrainerName] = overrides => new AlsTrainer(AlsOptions.Parse(overrides)),
            [BiasedSgdTrainer.TrainerName] = overrides => new BiasedSgdTrainer(BiasedSgdOptions.Parse(overrides)),
            [ImplicitAlsTrainer.TrainerName] = overrides => new ImplicitAlsTrainer(ImplicitAlsOptions.Parse(overrides)),
            [MlpTrainer.TrainerName] = overrides => new MlpTrainer(MlpOptions.Parse(overrides)),
            [CnnTrainer.TrainerName] = overrides => new CnnTrainer(CnnOptions.Parse(overrides)),
            [ForestTrainer.NameOf(ForestKind.Random)] = overrides => Forest(ForestKind.Random, overrides),
            [ForestTrainer.NameOf(ForestKind.Extra)] = overrides => Forest(ForestKind.Extra, overrides),
            [BoostingTrainer.TrainerName] = overrides => new BoostingTrainer(BoostingOptions.Parse(overrides)),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names, in ordinal order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The names of the trainers that serve a task, in ordinal order.</summary>
    public static ImmutableArray<string> NamesFor(TaskKind task) =>
        [.. Names.Where(name => Default(name).Serves(task))];

    /// <summary>The trainers that learn from columns of a type.</summary>
    internal static ImmutableArray<string> TakingType(ColumnType type) =>
        [.. Names.Where(name => Default(name) is var trainer && !trainer.Serves(TaskKind.Recommendation)
            && trainer.FeatureTypes.Contains(type))];

    private static ITrainer Default(string name) => Makers[name](ImmutableDictionary<string, string>.Empty);

    /// <summary>Makes a trainer.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="overrides">Options by name, as text; others keep their defaults.</param>
    /// <param name="task">What is predicted; recommenders serve recommendation, naive Bayes classes, the others every other
    /// task.</param>
    /// <exception cref="GyreException">The name, an option or its value is not known, or the trainer does not serve the
    /// task; the message says what is and does.</exception>
    public static ITrainer Create(string name, IReadOnlyDictionary<string, string> overrides, TaskKind task)
    {
        if (!Enum.IsDefined(task)) throw new ArgumentOutOfRangeException(nameof(task), task, "Not a task.");
        if (!Makers.TryGetValue(name, out var make))
            throw GyreException.Invalid($"There is no trainer '{name}'; there are {string.Join(", ", NamesFor(task))}.");
        var trainer = make(overrides);
        if (trainer.Serves(task)) return trainer;
        throw GyreException.Invalid($"Trainer '{name}' does not serve task '{task.ToString().ToLowerInvariant()}'; "
            + $"{string.Join(", ", NamesFor(task))} do.");
    }

    private static ForestTrainer Forest(ForestKind kind, IReadOnlyDictionary<string, string> overrides) =>
        new(kind, ForestOptions.Parse(kind, overrides));
}
