using System.Collections.Immutable;

namespace Gyre.Serving.Traffic.Policies;

/// <summary>Which versions of a model answer, and how that changes by itself. Immutable.</summary>
internal abstract record TrafficPolicy
{
    /// <summary>The name that the policy is chosen by.</summary>
    public abstract string Name { get; }

    /// <summary>The versions that must be loaded beside the champion.</summary>
    public abstract ImmutableArray<int> Versions { get; }

    /// <summary>
    /// The column of the champion's inputs whose value is a request's key; null when a header carries the key.
    /// </summary>
    public string? KeyColumn { get; init; }
}

/// <summary>The champion answers everything.</summary>
internal sealed record ChampionPolicy : TrafficPolicy
{
    public const string PolicyName = "champion";

    public override string Name => PolicyName;

    public override ImmutableArray<int> Versions => [];
}

/// <summary>A growing share of the requests goes to a challenger, which becomes champion or is taken back.</summary>
/// <param name="Challenger">The version.</param>
/// <param name="Steps">The challenger's shares in percent, rising, the last 100.</param>
/// <param name="MinimumRequests">The challenger's requests before a step may end.</param>
/// <param name="MinimumDuration">The time before a step may end.</param>
/// <param name="MaximumDuration">A step that takes longer for want of requests is taken back.</param>
/// <param name="Guards">What takes it back.</param>
internal sealed record CanaryPolicy(
    int Challenger, ImmutableArray<double> Steps, long MinimumRequests, TimeSpan MinimumDuration,
    TimeSpan MaximumDuration, CanaryGuards Guards) : TrafficPolicy
{
    public const string PolicyName = "canary";

    public override string Name => PolicyName;

    public override ImmutableArray<int> Versions => [Challenger];
}

/// <summary>What a challenger may not do worse than the champion.</summary>
/// <param name="Errors">The largest difference of the shares of failed requests, and of refused ones.</param>
/// <param name="Latency">The largest ratio of the 99th percentiles.</param>
/// <param name="Metric">
/// The loss that is compared where feedback tells it; null for the one that fits the output.
/// </param>
/// <param name="MetricWorse">The largest relative increase of the mean loss.</param>
/// <param name="MinimumFeedback">Rows with feedback that a step waits for, in each arm.</param>
/// <param name="Alpha">The chance of each guard to take back a challenger that is as good, over a whole step.</param>
internal sealed record CanaryGuards(
    double Errors, double Latency, string? Metric, double MetricWorse, long MinimumFeedback, double Alpha);

/// <summary>The champion answers; a challenger is asked too, afterwards, and compared.</summary>
/// <param name="Challenger">The version.</param>
/// <param name="Sample">The share of requests that are mirrored, in (0, 1].</param>
internal sealed record ShadowPolicy(int Challenger, double Sample) : TrafficPolicy
{
    public const string PolicyName = "shadow";

    public override string Name => PolicyName;

    public override ImmutableArray<int> Versions => [Challenger];
}

/// <summary>Several versions answer, each its share of the keys, and are compared by a test.</summary>
/// <param name="Arms">The arms; the first is the control.</param>
/// <param name="Metric">What is compared; null for the loss that fits the output.</param>
/// <param name="Alpha">The chance of the whole test to find a difference where there is none.</param>
/// <param name="Effect">The smallest difference worth finding; null until the first numbers tell a scale.</param>
internal sealed record AbPolicy(ImmutableArray<AbArm> Arms, string? Metric, double Alpha, double? Effect)
    : TrafficPolicy
{
    public const string PolicyName = "ab";

    public override string Name => PolicyName;

    public override ImmutableArray<int> Versions => [.. Arms.Select(arm => arm.Version)];

    public bool Equals(AbPolicy? other) => other is not null && Arms.SequenceEqual(other.Arms)
        && (Metric, Alpha, Effect, KeyColumn) == (other.Metric, other.Alpha, other.Effect, other.KeyColumn);

    public override int GetHashCode() => HashCode.Combine(Arms.Length, Metric, Alpha, Effect);
}

/// <summary>An arm of a test.</summary>
/// <param name="Name">Its name, which keys stay with.</param>
/// <param name="Version">Who answers.</param>
/// <param name="Weight">Its share is its weight's share of all.</param>
internal sealed record AbArm(string Name, int Version, double Weight);
