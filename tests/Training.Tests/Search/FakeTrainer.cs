using System.Collections.Immutable;
using System.Globalization;

namespace Gyre.Training.Tests.Search;

/// <summary>
/// Ridge regression of strength 10^`level` whose time passes on a manual clock, in steps after which the token is asked.
/// </summary>
internal sealed class FakeTrainer(
    string name, IReadOnlyDictionary<string, string> options, ManualClock? clock, double seconds, long memory = 0,
    string? error = null) : ITrainer
{
    public string Name => name;

    public IReadOnlyDictionary<string, string> Parameters { get; } =
        new Dictionary<string, string> { ["level"] = options.GetValueOrDefault("level", "0") };

    public long EstimateMemory(TrainingSet set) => memory;

    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        for (var left = seconds; left > 0; left -= 0.1)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            clock?.Advance(TimeSpan.FromSeconds(Math.Min(left, 0.1)));
        }

        context.CancellationToken.ThrowIfCancellationRequested();
        if (error is not null) throw new InvalidOperationException(error);
        var level = double.Parse(Parameters["level"], CultureInfo.InvariantCulture);
        return new LinearTrainer(new LinearOptions { L2 = Math.Pow(10, level) }).Train(train, null, context);
    }

    /// <summary>A search whose shelf holds the dummy and the given trainers.</summary>
    public static ModelSearch Search(
        SearchSettings settings, ManualClock? clock,
        params (string Name, Func<IReadOnlyDictionary<string, string>, ITrainer> Make)[] trainers) => new(
            settings, clock, ["dummy", .. trainers.Select(t => t.Name)],
            (name, options, _) => name == "dummy" ? new DummyTrainer() : trainers.Single(t => t.Name == name).Make(options));

    /// <summary>One space: `level` from 0 to 10.</summary>
    public static ImmutableSortedDictionary<string, SearchSpace> Levels(params string[] names) =>
        names.ToImmutableSortedDictionary(
            n => n, _ => new SearchSpace([new NumberRange("level", 0, 10)]), StringComparer.Ordinal);
}
