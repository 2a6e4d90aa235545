using System.Diagnostics;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Serving.Http;
using Gyre.Serving.Measurements;
using Gyre.Serving.Recording;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;
using Gyre.Serving.Traffic.Assignment;

namespace Gyre.Serving.Engine;

/// <summary>
/// The way of a prediction behind every protocol: 1. choose and hold a version, 2. (the protocol reads its request
/// against that version's inputs), 3. score, 4. record, 5. (the protocol answers). Thread-safe.
/// </summary>
internal sealed class PredictionEngine(
    ModelSlots slots, ITrafficRouter router, PredictionRecorder recorder, RejectionLog rejections,
    ServingMetrics metrics, PredictionObserver observer)
{
    /// <summary>The moment of a request's arrival.</summary>
    /// <param name="protocol">What the prediction is asked by.</param>
    public Arrival Arrive(InferenceProtocol protocol) => new(Stopwatch.GetTimestamp(), recorder.Now, protocol);

    /// <summary>
    /// Turns a request away whose answer would be late, before its body is read. Costs next to nothing.
    /// </summary>
    /// <returns>The version that answers at this moment, for labels of metrics.</returns>
    /// <exception cref="GyreException">The model is not served, or too many requests wait for it.</exception>
    public string Admit(string model, Arrival arrival)
    {
        slots.LoadedOf(model)?.Batcher.Admit(arrival);
        return ServedModels.Require(slots, model);
    }

    /// <summary>Holds the version that answers a request; dispose the hold when the answer is written.</summary>
    /// <param name="model">The model asked for.</param>
    /// <param name="version">The version asked for, or null to leave the choice to the traffic policy.</param>
    /// <param name="requestKey">What stays with one version, or null.</param>
    /// <param name="cancellationToken">Ends the wait for a version that is being loaded.</param>
    /// <exception cref="GyreException">There is no such model or version, or it cannot be loaded.</exception>
    public ValueTask<ModelHold> HoldAsync(
        string model, string? version, string? requestKey, CancellationToken cancellationToken)
    {
        if (version is not null) return ServedModels.HoldAsync(slots, model, version, cancellationToken);
        var choice = router.Choose(model, requestKey);
        return choice.Version is null ? slots.HoldAsync(model, choice, cancellationToken)
            : HoldChosenAsync(model, choice, cancellationToken);
    }

    /// <summary>Holds the version that answers where the value of a column decides.</summary>
    /// <param name="first">Held for reading the inputs; its choice names the column.</param>
    /// <param name="inputs">What was read.</param>
    /// <param name="cancellationToken">Ends the wait for a version that is being loaded.</param>
    /// <exception cref="GyreException">It cannot be loaded.</exception>
    public ValueTask<ModelHold> HoldByColumnAsync(
        ModelHold first, ModelInputs inputs, CancellationToken cancellationToken)
    {
        var model = first.Model.Name;
        var choice = router.ChooseByColumn(model, ColumnKey.Of(inputs, first.Choice.KeyColumn));
        return choice.Version is null ? slots.HoldAsync(model, choice, cancellationToken)
            : HoldChosenAsync(model, choice, cancellationToken);
    }

    /// <summary>Scores and records a request.</summary>
    /// <param name="model">The version, held by the caller.</param>
    /// <param name="inputs">What the protocol read.</param>
    /// <param name="arrival">When the request came.</param>
    /// <param name="cancellationToken">The client's; a request that is not being scored yet ends without cost.</param>
    /// <exception cref="RequestRejectedException">The prediction is not finite.</exception>
    /// <exception cref="GyreException">The log is full, or the model fails.</exception>
    public async ValueTask<Prediction> PredictAsync(
        ServedModel model, ModelInputs inputs, Arrival arrival, CancellationToken cancellationToken)
    {
        var scored = await model.Batcher.ScoreAsync(inputs, arrival, cancellationToken); // 3
        var end = Stopwatch.GetTimestamp();
        var outputs = Finite(scored.Outputs);
        var ids = await recorder.RecordAsync(model, inputs, outputs, arrival.Time,
            Stopwatch.GetElapsedTime(arrival.Timestamp, end), cancellationToken); // 4
        return new Prediction(outputs, ids, scored.Queue, scored.Compute, end, Stopwatch.GetTimestamp(), inputs);
    }

    /// <summary>Notes an answer that has been sent.</summary>
    public void Answered(ServedModel model, in Prediction prediction, Arrival arrival)
    {
        observer.Answered(model, prediction, arrival);
        router.Observe(new TrafficObservation(model.Name, model.VersionText, RequestOutcome.Answered,
            Stopwatch.GetElapsedTime(arrival.Timestamp), prediction.Compute, prediction.Inputs, prediction.Outputs));
    }

    /// <summary>Counts and records a request that was refused for what the client sent.</summary>
    public void Rejected(string model, string version, Arrival arrival, RequestRejectedException rejection)
    {
        metrics.Rejected(model, version, arrival.Protocol, rejection.Reason);
        rejections.Record(model, rejection);
        Observe(model, version, RequestOutcome.Refused);
    }

    /// <summary>Notes a request that had no answer for a reason that is not its content.</summary>
    public void Failed(ServedModel model, Arrival arrival, Exception failure)
    {
        observer.Failed(model, arrival, failure);
        if (failure is not OperationCanceledException)
            Observe(model.Name, model.VersionText, RequestOutcome.Failed);
    }

    // A version that a policy tries out must not cost an answer: where it cannot be loaded, the champion answers.
    private async ValueTask<ModelHold> HoldChosenAsync(
        string model, TrafficChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            return await slots.HoldAsync(model, choice, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Observe(model, choice.Version?.ToString(CultureInfo.InvariantCulture) ?? "", RequestOutcome.Failed);
            return await slots.HoldAsync(model, TrafficChoice.Champion, cancellationToken);
        }
    }

    private void Observe(string model, string version, RequestOutcome outcome) => router.Observe(
        new TrafficObservation(model, version, outcome, TimeSpan.Zero, TimeSpan.Zero, Inputs: null, Outputs: null));

    private static ModelOutputs Finite(ModelOutputs outputs)
    {
        // JSON has no such number, and no caller could use it: the inputs are so large that the model overflows.
        if (outputs.FirstNotFinite is var row and >= 0)
        {
            throw RequestRejectedException.Whole(RejectionReason.NotFinite,
                $"Row {row}: the prediction is not finite; the values are too large for this model.");
        }

        return outputs;
    }
}
