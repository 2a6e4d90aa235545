using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// A weighted mean of other pipelines' predictions (of values or probabilities, behind each one's link), summed in
/// float64. Every member reads the columns itself, so the ensemble has <see cref="NoPreprocessing"/>. Members may be held
/// to a range, so that one which extrapolates wildly from a strange row cannot drown the others. Immutable.
/// </summary>
public sealed class EnsembleModel : Model
{
    /// <summary>Creates it.</summary>
    /// <param name="members">At least one, with the same task and classes.</param>
    /// <param name="range">What each member's prediction is held to; null for no limit.</param>
    /// <exception cref="ArgumentException">Members differ in task or classes, there is none, a weight is not above
    /// 0, or the range is empty.</exception>
    public EnsembleModel(ImmutableArray<EnsembleMember> members, (double Low, double High)? range = null)
    {
        if (range is { } limits && !(limits.Low <= limits.High))
            throw new ArgumentException($"The range from {limits.Low} to {limits.High} is empty.", nameof(range));
        if (members.IsDefaultOrEmpty) throw new ArgumentException("An ensemble needs a member.", nameof(members));
        var first = members[0].Pipeline;
        foreach (var (pipeline, weight) in members)
        {
            if (!(weight > 0) || float.IsInfinity(weight))
                throw new ArgumentException($"A member has the weight {weight}; above 0 is needed.", nameof(members));
            if (pipeline.Task != first.Task || !pipeline.Classes.SequenceEqual(first.Classes))
                throw new ArgumentException("The members predict different things.", nameof(members));
        }

        (Members, Range) = (members, range);
    }

    /// <summary>What each member's prediction is held to; null for no limit.</summary>
    public (double Low, double High)? Range { get; }

    /// <summary>The members, the heaviest first when a search made them. The weights sum to 1 up to rounding.</summary>
    public ImmutableArray<EnsembleMember> Members { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        predictions.AsSpan().Clear();
        var (low, high) = Range ?? (double.NegativeInfinity, double.PositiveInfinity);
        foreach (var (pipeline, weight) in Members)
        {
            var values = pipeline.Predict(table).Values;
            for (var i = 0; i < predictions.Length; i++) predictions[i] += weight * Math.Clamp(values[i], low, high);
        }
    }
}

/// <summary>A part of an ensemble.</summary>
/// <param name="Pipeline">The trained pipeline.</param>
/// <param name="Weight">Its share of the prediction, above 0.</param>
public sealed record EnsembleMember(FittedPipeline Pipeline, float Weight);
