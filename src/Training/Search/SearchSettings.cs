using System.Collections.Immutable;

namespace Gyre.Training;

/// <summary>What a <see cref="ModelSearch"/> may spend, and where it looks. At least one of <see cref="Budget"/> and
/// <see cref="Trials"/> ends it.</summary>
public sealed record SearchSettings
{
    /// <summary>Wall time for everything: trials, choosing and fitting the final models. Null for none.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>The most trials, those of an earlier, interrupted search included; 1 or more. Null for no limit. With
    /// a limit of trials and no budget, the same seed and thread count give the same trials and model.</summary>
    public int? Trials { get; init; }

    /// <summary>The metric to be made best; null for the task's default.</summary>
    public string? Metric { get; init; }

    /// <summary>The most bytes that the search may take beside the rows it was given; null for what the machine
    /// has.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>The most members of an ensemble; 1 for a single model. 1 to 50.</summary>
    public int MaxMembers { get; init; } = 8;

    /// <summary>The trainers to try; empty for all that can learn from the features. The dummy and the linear trainer
    /// are tried in any case.</summary>
    public ImmutableArray<string> Trainers { get; init; } = [];

    /// <summary>Spaces by trainer that stand in for <see cref="DefaultSpaces"/>.</summary>
    public ImmutableSortedDictionary<string, SearchSpace> Spaces { get; init; } =
        ImmutableSortedDictionary<string, SearchSpace>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Transforms learned before every trainer, in each fold from its own training rows.</summary>
    public ImmutableArray<TransformSettings> Transforms { get; init; } = [];

    /// <summary>The folds, 2 or more; null chooses by the number of rows and outputs (see
    /// <see cref="ModelSearch"/>).</summary>
    public int? Folds { get; init; }
}
