using System.Collections.Immutable;
using System.Globalization;
using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>Trains every member of an ensemble, one after the other, and keeps their weights.</summary>
internal sealed class EnsembleTrainer(ImmutableArray<(ITrainer Trainer, float Weight)> members) : ITrainer
{
    public string Name => "ensemble";

    public IReadOnlyDictionary<string, string> Parameters { get; } = members
        .SelectMany((member, i) => member.Trainer.Parameters.Select(p => ($"{i + 1}.{p.Key}", p.Value))
            .Append(($"{i + 1}.trainer", member.Trainer.Name))
            .Append(($"{i + 1}.weight", member.Weight.ToString("R", CultureInfo.InvariantCulture))))
        .ToImmutableSortedDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);

    public ImmutableArray<ColumnType> FeatureTypes =>
        [.. members[0].Trainer.FeatureTypes.Where(t => members.All(m => m.Trainer.FeatureTypes.Contains(t)))];

    public long EstimateMemory(TrainingSet set) => members.Max(m => m.Trainer.EstimateMemory(set));

    public FittedPipeline Train(TrainingSet train, TrainingSet? validation, TrainingContext context)
    {
        TrainingGuard.Check(this, train, context);
        return Combine(train, [.. members.Select(m => (m.Trainer.Train(train, validation, context), m.Weight))]);
    }

    /// <summary>
    /// Puts an ensemble together. Members that predict a value are held to the targets' range, widened a little.
    /// </summary>
    public static FittedPipeline Combine(
        TrainingSet set, IReadOnlyCollection<(FittedPipeline Pipeline, float Weight)> parts) =>
        new(set, NoPreprocessing.Instance, new EnsembleModel(
            [.. parts.Select(p => new EnsembleMember(p.Pipeline, p.Weight))],
            set.Task == TaskKind.Regression ? RangeOf(set.Target) : null));

    private static (double Low, double High) RangeOf(ReadOnlySpan<double> target)
    {
        const double margin = 0.1;
        var (low, high) = (target[0], target[0]);
        foreach (var value in target) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        var more = margin * (high - low);
        return (low - more, high + more);
    }
}
