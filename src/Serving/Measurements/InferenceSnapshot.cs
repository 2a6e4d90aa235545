using System.Collections.Immutable;

namespace Gyre.Serving.Measurements;

/// <summary>What has been counted of one served version since it was first served. Immutable.</summary>
public sealed class InferenceSnapshot
{
    private readonly ImmutableArray<long> _requests;

    internal InferenceSnapshot(string model, string version, ImmutableArray<long> requests, long rows) =>
        (Model, Version, _requests, Rows) = (model, version, requests, rows);

    /// <summary>The model.</summary>
    public string Model { get; }

    /// <summary>The version, as text.</summary>
    public string Version { get; }

    /// <summary>Rows predicted.</summary>
    public long Rows { get; }

    /// <summary>Seconds from arrival to answer, of requests that were answered.</summary>
    public required HistogramSnapshot Duration { get; init; }

    /// <summary>Seconds from being read to being scored.</summary>
    public required HistogramSnapshot Queue { get; init; }

    /// <summary>Seconds of scoring.</summary>
    public required HistogramSnapshot Compute { get; init; }

    /// <summary>Seconds of writing the answer.</summary>
    public required HistogramSnapshot Encode { get; init; }

    /// <summary>Rows per execution of the model.</summary>
    public required HistogramSnapshot BatchRows { get; init; }

    /// <summary>Requests that wait to be scored.</summary>
    public required long Queued { get; init; }

    /// <summary>How many requests came by a protocol and ended so.</summary>
    public long Requests(InferenceProtocol protocol, InferenceOutcome outcome) =>
        _requests[InferenceCounters.RequestsAt(protocol, outcome)];

    /// <summary>How many requests ended so, whatever protocol they came by.</summary>
    public long Requests(InferenceOutcome outcome)
    {
        var sum = 0L;
        for (var p = 0; p < InferenceNames.ProtocolCount; p++) sum += Requests((InferenceProtocol)p, outcome);
        return sum;
    }
}
