using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>What a trial trains: a trainer with options, on a share of the rows.</summary>
/// <param name="Trainer">The trainer's name.</param>
/// <param name="Options">The options that differ from its defaults.</param>
/// <param name="Origin">Where the options come from.</param>
/// <param name="Share">The share of each fold's training rows that is learned from; 1 for all.</param>
public sealed record TrialSpec(
    string Trainer, ImmutableSortedDictionary<string, string> Options, TrialOrigin Origin, double Share = 1)
{
    /// <summary>Equal for the same trainer and options.</summary>
    internal string Key => $"{Trainer} {string.Join(", ", Options.Select(o => $"{o.Key}={o.Value}"))}";
}

/// <summary>Where a trial's options come from.</summary>
public enum TrialOrigin
{
    /// <summary>Defaults, of the dummy and the linear model: what everything else is held against.</summary>
    Baseline,

    /// <summary>The portfolio of options that did well elsewhere.</summary>
    Portfolio,

    /// <summary>Suggested by what earlier trials told.</summary>
    Suggested,

    /// <summary>An earlier trial on a share of the rows that earned all of them.</summary>
    Promoted,
}

/// <summary>How a trial ended.</summary>
public enum TrialStatus
{
    /// <summary>All folds were trained.</summary>
    Finished,

    /// <summary>Given up after the first folds: others did much better there.</summary>
    Pruned,

    /// <summary>The trainer refused or broke; the cause is kept.</summary>
    Failed,

    /// <summary>Not begun: it would have taken more time or memory than is left.</summary>
    Skipped,

    /// <summary>Stopped because the time for it was over.</summary>
    Cut,
}

/// <summary>A trial and what came of it. Immutable by convention: nobody writes to the predictions.</summary>
/// <param name="Number">From 1, in the order of beginning; skipped trials are counted too.</param>
/// <param name="Spec">What was trained.</param>
/// <param name="Status">How it ended.</param>
public sealed record Trial(int Number, TrialSpec Spec, TrialStatus Status)
{
    /// <summary>The metric over all tested rows together, for finished trials; NaN otherwise.</summary>
    public double Value { get; init; } = double.NaN;

    /// <summary>The metric of each fold that was trained.</summary>
    public ImmutableArray<double> FoldValues { get; init; } = [];

    /// <summary>Seconds that the trial took.</summary>
    public double Seconds { get; init; }

    /// <summary>Seconds that training one fold took, on average; NaN when none was trained.</summary>
    public double FoldSeconds { get; init; } = double.NaN;

    /// <summary>Seconds of the search's budget that were used when it ended.</summary>
    public double UsedSeconds { get; init; }

    /// <summary>The rounds after which boosting was best, brought up to all rows; null for other trainers.</summary>
    public int? Rounds { get; init; }

    /// <summary>Why it failed, was pruned, skipped or cut.</summary>
    public string? Cause { get; init; }

    /// <summary>Of finished trials: the predictions of the tested rows, fold after fold, by the models that had not
    /// seen them; row-major, rows × outputs.</summary>
    public float[]? OutOfFold { get; init; }
}
