using System.Diagnostics;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Measurements;

/// <summary>
/// Spans of this module, from the source <c>Gyre.Serving</c>. Nothing is made while nobody listens, and nothing of a
/// request whose trace is not recorded.
/// </summary>
internal static class ServingTraces
{
    public const string SourceName = "Gyre.Serving";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The loading of a version.</summary>
    public static Activity? Load(string model, int version) =>
        Source.HasListeners() ? Describe(Source.StartActivity("model.load"), model, version) : null;

    /// <summary>The change to another version.</summary>
    public static Activity? Swap(string model, int? from, int to) => Source.HasListeners()
        ? Describe(Source.StartActivity("model.swap"), model, to)?.SetTag("gyre.version.before", from)
        : null;

    /// <summary>Tells the request's span what was predicted, and adds one span per phase.</summary>
    public static void Answered(ServedModel model, in Prediction prediction, Arrival arrival, in PhaseTimes times)
    {
        if (!Source.HasListeners() || Activity.Current is not { Recorded: true } request) return;
        Describe(request, model.Name, model.Version);
        request.SetTag("gyre.protocol", arrival.Protocol.Name());
        request.SetTag("gyre.rows", prediction.Outputs.Rows);
        request.SetTag("gyre.prediction_id", prediction.Ids.Length == 1 ? prediction.Ids[0] : prediction.Ids);

        // Phases are known only now; their times are told from the request's, whose clock is the machine's.
        var scored = request.StartTimeUtc + Stopwatch.GetElapsedTime(arrival.Timestamp, prediction.Scored);
        var recorded = request.StartTimeUtc + Stopwatch.GetElapsedTime(arrival.Timestamp, prediction.Recorded);
        Phase(request, "queue", scored - times.Compute - times.Queue, times.Queue);
        Phase(request, "compute", scored - times.Compute, times.Compute);
        Phase(request, "encode", recorded, times.Encode);
    }

    /// <summary>Tells the request's span which version failed.</summary>
    public static void Failed(ServedModel model, Arrival arrival)
    {
        if (!Source.HasListeners() || Activity.Current is not { Recorded: true } request) return;
        Describe(request, model.Name, model.Version)?.SetTag("gyre.protocol", arrival.Protocol.Name());
    }

    private static Activity? Describe(Activity? span, string model, int version) =>
        span?.SetTag("gyre.model", model).SetTag("gyre.version", version);

    private static void Phase(Activity request, string name, DateTime start, TimeSpan duration)
    {
        using var span = Source.StartActivity(name, ActivityKind.Internal, request.Context, startTime: start);
        span?.SetEndTime(start + duration);
    }
}
