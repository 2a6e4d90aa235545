using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>The trainers that a search may use, with their spaces.</summary>
internal sealed class TrainerShelf
{
    private const string Rate = "learning_rate";
    private const string Weight = "min_child_weight";

    private readonly Func<string, IReadOnlyDictionary<string, string>, ITrainer> _make;
    private readonly ImmutableSortedDictionary<string, SearchSpace> _spaces;
    private readonly IReadOnlySet<string> _declared;
    private readonly bool _hurried;
    private readonly bool _manyClasses;

    /// <param name="settings">What is wanted.</param>
    /// <param name="set">The rows: trainers that cannot learn from one of their columns are left out.</param>
    /// <param name="names">All trainers there are.</param>
    /// <param name="make">Makes one by name and options.</param>
    /// <param name="hurried">Whether the set is large: boosting then keeps to learning rates of 0.08 and more, unless a
    /// space is declared.</param>
    /// <exception cref="GyreException">A trainer or an option that is asked for does not exist.</exception>
    public TrainerShelf(
        SearchSettings settings, TrainingSet set, IReadOnlyList<string> names,
        Func<string, IReadOnlyDictionary<string, string>, ITrainer> make, bool hurried = false)
    {
        (_make, _hurried, _manyClasses) = (make, hurried, set.Task == TaskKind.Multiclass);
        _declared = settings.Spaces.Keys.ToHashSet(StringComparer.Ordinal);
        bool CanLearn(string name) => make(name, ImmutableDictionary<string, string>.Empty) is var trainer
            && set.Features.Columns.All(c => trainer.FeatureTypes.Contains(c.Type));
        LearnsLinearly = names.Contains(LinearTrainer.TrainerName) && CanLearn(LinearTrainer.TrainerName);
        Names = [.. (settings.Trainers.IsEmpty ? names.Where(CanLearn) : settings.Trainers)
            .Where(n => n != DummyTrainer.TrainerName).Distinct().Order(StringComparer.Ordinal)];
        _spaces = Names.ToImmutableSortedDictionary(
            n => n,
            n => settings.Spaces.TryGetValue(n, out var space)
                ? space : Suited(n, DefaultSpaces.Of(make(n, ImmutableDictionary<string, string>.Empty))),
            StringComparer.Ordinal);
        Standard = Has(BoostingTrainer.TrainerName) ? Fit(BoostingTrainer.TrainerName, [], TrialOrigin.Portfolio) : null;
    }

    /// <summary>The trainers to be tried, the dummy left out; in ordinal order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Boosting exactly as it is without a search, but for what the user has fixed: what a search is held
    /// against. Null when boosting is not among the trainers.</summary>
    public TrialSpec? Standard { get; }

    public bool IsStandard(TrialSpec spec) => Standard?.Key == spec.Key;

    /// <summary>Whether the linear trainer can learn from the features.</summary>
    public bool LearnsLinearly { get; }

    /// <summary>The trainers that have something to vary.</summary>
    public IEnumerable<string> Varied => Names.Where(n => !_spaces[n].Parameters.IsEmpty);

    public bool Has(string trainer) => Names.Contains(trainer);

    public SearchSpace Space(string trainer) => _spaces[trainer];

    public ITrainer Make(TrialSpec spec) => _make(spec.Trainer, spec.Options);

    public ITrainer Make(string trainer, IReadOnlyDictionary<string, string> options) => _make(trainer, options);

    /// <summary>A trial of these options, as far as the trainer has them; null when it refuses them.</summary>
    /// <remarks>Where the user has declared a space, its fixed values hold for every trial of the trainer, and values
    /// outside of it are moved to its edge.</remarks>
    public TrialSpec? Fit(string trainer, IEnumerable<(string Name, string Value)> options, TrialOrigin origin)
    {
        try
        {
            var known = _make(trainer, ImmutableDictionary<string, string>.Empty).Parameters;
            var own = origin == TrialOrigin.Baseline ? null : _spaces.GetValueOrDefault(trainer);
            var chosen = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var given = options.Where(o => known.ContainsKey(o.Name) && (_declared.Contains(trainer) || IsSuited(trainer, o.Name)))
                .ToArray();
            foreach (var (name, value) in given)
                chosen[name] = own?.Find(name) is { } range ? range.At(range.PositionOf(value)) : value;
            foreach (var constant in own?.Parameters.OfType<Choices>().Where(c => c.Values.Length == 1) ?? [])
                chosen[constant.Name] = constant.Values[0];
            if (_hurried && !_declared.Contains(trainer) && trainer == BoostingTrainer.TrainerName
                && chosen.TryGetValue(Rate, out var rate))
                chosen[Rate] = Hurried(rate);
            foreach (var (name, value) in Patience(trainer).Where(o => given.Length > 0 && known.ContainsKey(o.Name)))
                chosen.TryAdd(name, value);
            var spec = new TrialSpec(trainer, chosen.ToImmutableSortedDictionary(StringComparer.Ordinal), origin);
            _make(trainer, spec.Options);
            return spec;
        }
        catch (GyreException)
        {
            return null;
        }
    }

    private SearchSpace Suited(string trainer, SearchSpace space) =>
        new([.. space.Parameters.Where(p => IsSuited(trainer, p.Name))]);

    /// <summary>With many classes most rows are nearly certain of most of them: a least weight that suits two classes, in which
    /// every row counts, keeps the trees of a rare class from growing.</summary>
    private bool IsSuited(string trainer, string option) =>
        !_manyClasses || trainer != BoostingTrainer.TrainerName || option != Weight;

    /// <summary>Boosting learns large sets in fewer, larger steps: many trials of a few minutes each tell more than a few
    /// of many.</summary>
    private static string Hurried(string rate) => double.TryParse(rate, CultureInfo.InvariantCulture, out var value)
        ? Math.Max(value, 0.08).ToString("R", CultureInfo.InvariantCulture) : rate;

    /// <summary>Folds stop boosting by their own tested rows: rounds are many, and the slow learners get them.</summary>
    private static (string Name, string Value)[] Patience(string trainer) =>
        trainer == BoostingTrainer.TrainerName ? [("rounds", "1500"), ("early_stopping_rounds", "40")] : [];
}
