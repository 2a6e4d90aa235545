using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Traffic;

/// <summary>Who answers a request.</summary>
/// <param name="Version">The version; null for the one that is champion.</param>
/// <param name="Arm">The arm of the policy, from a closed set, such as <c>champion</c> or <c>canary</c>.</param>
/// <param name="KeyColumn">
/// The input column that decides; then this choice, the champion, is only for reading the inputs. Null mostly.
/// </param>
internal readonly record struct TrafficChoice(int? Version, string Arm, string? KeyColumn = null)
{
    /// <summary>The champion answers alone.</summary>
    public static TrafficChoice Champion => new(null, "champion");
}

/// <summary>How a request ended, told when its answer has been sent.</summary>
/// <param name="Model">The version that was to answer.</param>
/// <param name="Version">Its version, as text.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Latency">From its arrival to its answer; only of answers.</param>
/// <param name="Compute">The scoring; only of answers.</param>
/// <param name="Inputs">What was asked; null where there was no answer.</param>
/// <param name="Outputs">What was answered; null where there was no answer.</param>
internal readonly record struct TrafficObservation(
    string Model, string Version, RequestOutcome Outcome, TimeSpan Latency, TimeSpan Compute, ModelInputs? Inputs,
    ModelOutputs? Outputs);

/// <summary>
/// Decides which version answers a request, and watches what becomes of it. Thread-safe; asked for every request: no
/// locks, no allocation.
/// </summary>
internal interface ITrafficRouter
{
    /// <summary>The choice for one request.</summary>
    /// <param name="model">The model asked for.</param>
    /// <param name="requestKey">
    /// What stays with one version, such as a user's id; null when the client gave none.
    /// </param>
    TrafficChoice Choose(string model, string? requestKey);

    /// <summary>The choice for a request whose inputs were read for <see cref="TrafficChoice.KeyColumn"/>.</summary>
    /// <param name="model">The model asked for.</param>
    /// <param name="key">The column's value; null when there is none.</param>
    TrafficChoice ChooseByColumn(string model, string? key);

    /// <summary>Takes note of how a request ended.</summary>
    void Observe(in TrafficObservation observation);
}
