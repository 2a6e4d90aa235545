using System.Diagnostics;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Recording;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Http;

/// <summary>
/// How one protocol reads a prediction request and writes its answer; <typeparamref name="T"/> is what it read.
/// </summary>
internal interface IPredictionForm<T>
{
    T Read(ReadOnlySpan<byte> body, ServedModel model);

    Table RowsOf(T request);

    void Write(Utf8JsonWriter json, T request, ServedModel model, ModelOutputs outputs, string[] ids);
}

/// <summary>
/// The way of a prediction, the same for every protocol: 1. read the body, 2. hold the served version, 3. check and
/// convert the input, 4. predict, 5. record, 6. answer. Thread-safe.
/// </summary>
internal sealed class PredictionPipeline(
    ModelSlots slots, PredictionRecorder recorder, RejectionLog rejections, ServingMetrics metrics,
    ServingOptions options)
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The model asked for.</param>
    /// <param name="version">The version asked for, or null for the one that is served.</param>
    /// <param name="form">The protocol.</param>
    /// <exception cref="GyreException">
    /// There is no answer: the input is refused, the model is not served, the log is full.
    /// </exception>
    public async Task AnswerAsync<T>(HttpContext context, string name, string? version, IPredictionForm<T> form)
    {
        var started = Stopwatch.GetTimestamp();
        var requestedAt = recorder.Now;
        var served = ServedModels.Require(slots, name, version);
        RequestBody body;
        try
        {
            body = await RequestBody.ReadAsync(context, options.MaximumBodyBytes, context.RequestAborted); // 1
        }
        catch (RequestRejectedException rejection)
        {
            Reject(name, served, rejection);
            throw;
        }

        using var hold = ServedModels.Hold(slots, name, version, body); // 2
        var model = hold.Model;
        try
        {
            var request = Read(body, form, model); // 3
            var rows = form.RowsOf(request);
            var outputs = Score(model, rows); // 4
            var ids = await recorder.RecordAsync(
                model, rows, outputs, requestedAt, Stopwatch.GetElapsedTime(started), context.RequestAborted); // 5
            using var answer = JsonAnswer.Rent();
            form.Write(answer.Json, request, model, outputs, ids);
            await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted); // 6
            metrics.Answered(name, model.VersionText, outputs.Rows, Stopwatch.GetElapsedTime(started));
        }
        catch (RequestRejectedException rejection)
        {
            Reject(name, model.VersionText, rejection);
            throw;
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            metrics.Failed(name, model.VersionText);
            throw;
        }
    }

    private static T Read<T>(RequestBody body, IPredictionForm<T> form, ServedModel model)
    {
        using (body) return form.Read(body.Bytes, model);
    }

    private static ModelOutputs Score(ServedModel model, Table rows)
    {
        var outputs = model.Scorer.Score(rows);
        // JSON has no such number, and no caller could use it: the inputs are so large that the model overflows.
        if (outputs.FirstNotFinite is var row and >= 0)
        {
            throw RequestRejectedException.Whole(RejectionReason.NotFinite,
                $"Row {row}: the prediction is not finite; the values are too large for this model.");
        }

        return outputs;
    }

    private void Reject(string model, string version, RequestRejectedException rejection)
    {
        metrics.Rejected(model, version, rejection.Reason);
        rejections.Record(model, rejection);
    }
}
