using System.Diagnostics;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Explanation;

/// <summary>
/// Explains predictions of a held version: 1. what explains it is loaded with its first request, 2. the version
/// scores the rows
/// on the way that predictions go, 3. their contributions are computed, of few requests at a time, so that predictions
/// keep their processors. Nothing is recorded: no prediction was made with these rows. Thread-safe.
/// </summary>
internal sealed class ExplanationEngine(ModelSlots slots, ServingOptions options, ServingMetrics metrics) : IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>What explains a version.</summary>
    /// <param name="model">The version, held by the caller.</param>
    /// <param name="cancellationToken">The client's.</param>
    /// <exception cref="GyreException">The version has no explanation, or it cannot be loaded.</exception>
    public async ValueTask<ModelExplainer> LoadAsync(ServedModel model, CancellationToken cancellationToken)
    {
        if (model.Scorer.LoadedExplainer is { } loaded) return loaded;
        var explainer = await Task.Run(model.Scorer.LoadExplainer, cancellationToken);
        await slots.GrewAsync(new ServedVersion(model.Name, model.Version), cancellationToken);
        return explainer;
    }

    /// <summary>Scores and explains rows.</summary>
    /// <param name="model">The version, held by the caller.</param>
    /// <param name="explainer">What explains it.</param>
    /// <param name="inputs">What the protocol read.</param>
    /// <param name="arrival">When the request came.</param>
    /// <param name="cancellationToken">The client's, or the deadline's.</param>
    /// <exception cref="RequestRejectedException">There are too many rows, or a prediction is not finite.</exception>
    /// <exception cref="GyreException">Too many requests wait.</exception>
    public async ValueTask<ExplainedPrediction> ExplainAsync(
        ServedModel model, ModelExplainer explainer, ModelInputs inputs, Arrival arrival,
        CancellationToken cancellationToken)
    {
        if (inputs is not TableInputs rows) throw GyreException.NotFound(IScorer.NoExplanation);
        if (rows.Rows > options.MaximumExplainedRows)
        {
            throw RequestRejectedException.Whole(RejectionReason.TooLarge,
                $"{rows.Rows} rows are to be explained; at most {options.MaximumExplainedRows} are in one request.");
        }

        var scored = await model.Batcher.ScoreAsync(inputs, arrival, cancellationToken);
        if (scored.Outputs.FirstNotFinite is var row and >= 0)
        {
            throw RequestRejectedException.Whole(RejectionReason.NotFinite,
                $"Row {row}: the prediction is not finite; the values are too large for this model.");
        }

        var contributions = await ComputeAsync(explainer, rows, arrival, cancellationToken);
        return new ExplainedPrediction(scored.Outputs, contributions, explainer);
    }

    /// <summary>Counts an explanation that was answered.</summary>
    public void Answered(ServedModel model, Arrival arrival) =>
        metrics.Explained(model.Name, Stopwatch.GetElapsedTime(arrival.Timestamp));

    public void Dispose() => _places.Dispose();

    private async Task<Contributions> ComputeAsync(
        ModelExplainer explainer, TableInputs rows, Arrival arrival, CancellationToken cancellationToken)
    {
        var left = options.QueueTimeout - Stopwatch.GetElapsedTime(arrival.Timestamp);
        if (!await _places.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken))
            throw Saturation.Of(options.QueueTimeout);
        try
        {
            // Not on the thread that reads requests: thousands of rows take a while.
            return rows.Rows == 1
                ? explainer.Explain(rows.Table, 1, cancellationToken)
                : await Task.Run(() => explainer.Explain(rows.Table, 1, cancellationToken), cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }
}
