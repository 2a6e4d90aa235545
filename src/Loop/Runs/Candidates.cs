using System.Collections.Immutable;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>A trained candidate and how it did on the held-out rows.</summary>
/// <param name="Name">The trainer; unique among the candidates of a run.</param>
/// <param name="Trainer">The trainer with its hyperparameters.</param>
/// <param name="Pipeline">What it made of the rows that were not held out.</param>
/// <param name="Predictions">For the held-out rows.</param>
/// <param name="Metrics">Of those predictions.</param>
/// <param name="Choosing">The value that the choice is made by: of cross-validation where folds are set, else of the held-out rows.</param>
/// <param name="Fit">How long fitting took.</param>
/// <param name="RunId">Its run in the tracking store.</param>
internal sealed record Candidate(
    string Name, ITrainer Trainer, FittedPipeline Pipeline, Predictions Predictions,
    IReadOnlyDictionary<string, double> Metrics, double Choosing, TimeSpan Fit, string RunId)
{
    /// <summary>What was searched, in sentences; empty for a single trainer.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>The metrics, and beside them the mean over folds where that is what chose.</summary>
    public IReadOnlyDictionary<string, double> AllMetrics(string metric)
    {
        if (Choosing.Equals(Metrics[metric])) return Metrics;
        return new SortedDictionary<string, double>(Metrics.ToDictionary(), StringComparer.Ordinal) { [$"cv_{metric}"] = Choosing };
    }
}

/// <summary>The candidates of a run, the dummy first.</summary>
/// <param name="All">In the order they were trained.</param>
/// <param name="Best">The best by <paramref name="Metric"/>.</param>
/// <param name="Metric">The metric that chose.</param>
internal sealed record Candidates(ImmutableArray<Candidate> All, Candidate Best, string Metric)
{
    /// <summary>The baseline that ignores every feature.</summary>
    public Candidate Dummy => All[0];
}
