using System.Globalization;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Traffic;

namespace Gyre.Serving.Slots;

/// <summary>One version of a model, loaded and ready. Thread-safe until disposed.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly Shared<IScorer> _scorer;

    /// <param name="name">The model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="scorer">What computes the predictions, held for this version.</param>
    /// <param name="batcher">Its queue.</param>
    public ServedModel(string name, int version, Shared<IScorer> scorer, Batcher batcher)
    {
        _scorer = scorer;
        (Name, Version, Batcher) = (name, version, batcher);
        VersionText = version.ToString(CultureInfo.InvariantCulture);
        Inputs = new InputColumns(scorer.Value.Inputs, scorer.Value.OptionalInput);
        Tensors = scorer.Value.Tensors.IsEmpty ? null : new InputTensors(scorer.Value.Tensors);
    }

    /// <summary>The model.</summary>
    public string Name { get; }

    /// <summary>The version.</summary>
    public int Version { get; }

    /// <summary>The version as text, for labels and protocols.</summary>
    public string VersionText { get; }

    /// <summary>What computes the predictions; versions of the same bytes have one together.</summary>
    public IScorer Scorer => _scorer.Value;

    /// <summary>How requests reach it.</summary>
    public Batcher Batcher { get; }

    /// <summary>The columns that it takes, prepared for reading requests; none when it takes tensors.</summary>
    public InputColumns Inputs { get; }

    /// <summary>The tensors that it takes, prepared for reading requests; null when it takes columns.</summary>
    public InputTensors? Tensors { get; }

    /// <summary>When it was last asked for, in milliseconds since the machine's start.</summary>
    public long LastUsed { get; private set; } = Environment.TickCount64;

    /// <summary>Notes that it was asked for.</summary>
    public void Touch() => LastUsed = Environment.TickCount64;

    /// <summary>Where this version's requests are counted.</summary>
    public InferenceCounters Counters { get; init; } = new();

    /// <summary>Called once this version is no longer in memory.</summary>
    public Action? Unloaded { get; init; }

    public void Dispose()
    {
        _scorer.Release();
        Unloaded?.Invoke();
    }
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
