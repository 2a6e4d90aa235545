using System.Globalization;
using Gyre.Serving.Requests;
using Gyre.Serving.Traffic;

namespace Gyre.Serving.Slots;

/// <summary>One version of a model, loaded and ready. Thread-safe until disposed.</summary>
internal sealed class ServedModel(string name, int version, IScorer scorer) : IDisposable
{
    /// <summary>The model.</summary>
    public string Name => name;

    /// <summary>The version.</summary>
    public int Version => version;

    /// <summary>The version as text, for labels and protocols.</summary>
    public string VersionText { get; } = version.ToString(CultureInfo.InvariantCulture);

    /// <summary>What computes the predictions.</summary>
    public IScorer Scorer => scorer;

    /// <summary>The inputs, prepared for reading requests.</summary>
    public InputColumns Inputs { get; } = new(scorer.Inputs, scorer.OptionalInput);

    public void Dispose() => scorer.Dispose();
}

/// <summary>
/// One request's hold on a served version: the version is not disposed before the hold is, whatever takes its place.
/// </summary>
internal readonly struct ModelHold(Shared<ServedModel> shared) : IDisposable
{
    /// <summary>The version held.</summary>
    public ServedModel Model => shared.Value;

    /// <summary>Why this version, and who is asked besides.</summary>
    public TrafficChoice Choice { get; init; } = TrafficChoice.Champion;

    public void Dispose() => shared.Release();
}
