using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Explanation;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Http;

/// <summary>
/// How one protocol reads a request for explanations and writes its answer; <typeparamref name="T"/> is what it read.
/// </summary>
internal interface IExplanationForm<T>
{
    /// <summary>The protocol whose predictions are explained.</summary>
    InferenceProtocol Protocol { get; }

    T Read(ReadOnlySpan<byte> body, ServedModel model);

    ModelInputs InputsOf(T request);

    void Write(JsonAnswer answer, T request, ServedModel model, in ExplainedPrediction explained);
}

/// <summary>
/// An explanation over HTTP, on the way of a prediction but for the record: body → held version → inputs →
/// <see cref="ExplanationEngine"/> → answer. Thread-safe.
/// </summary>
internal sealed class ExplanationPipeline(
    PredictionEngine predictions, ExplanationEngine explanations, ServingMetrics metrics, ServingOptions options)
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The model asked for.</param>
    /// <param name="version">The version asked for, or null for the one that the traffic policy chooses.</param>
    /// <param name="form">The protocol.</param>
    /// <exception cref="GyreException">
    /// There is no answer: the input is refused, the model is not served, the version has no explanation, too many
    /// wait.
    /// </exception>
    public async Task AnswerAsync<T>(HttpContext context, string name, string? version, IExplanationForm<T> form)
    {
        context.Features.Get<IModelAccess>()?.Demand(name);
        var arrival = predictions.Arrive(form.Protocol);
        predictions.Admit(name, arrival);
        try
        {
            using var body = await RequestBody.ReadAsync(context, options.MaximumBodyBytes, context.RequestAborted);
            using var first = await predictions.HoldAsync(name, version, RequestKey(context), context.RequestAborted);
            using ModelHold? chosen = first.Choice.KeyColumn is null ? null : await predictions.HoldByColumnAsync(
                first, form.InputsOf(form.Read(body.Bytes, first.Model)), context.RequestAborted);
            var hold = chosen ?? first;
            var explainer = await explanations.LoadAsync(hold.Model, context.RequestAborted);
            var request = Read(body, form, hold.Model);
            var explained = await explanations.ExplainAsync(
                hold.Model, explainer, form.InputsOf(request), arrival, context.RequestAborted);
            using var answer = JsonAnswer.Rent();
            form.Write(answer, request, hold.Model, explained);
            await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
            explanations.Answered(hold.Model, arrival);
        }
        catch (RequestRejectedException rejection)
        {
            // Counted by its reason, but not among predictions: a canary is not judged by questions about it.
            metrics.CountRejection(name, rejection.Reason);
            throw;
        }
    }

    // Its bytes are read once and let go before the work, which may wait.
    private static T Read<T>(RequestBody body, IExplanationForm<T> form, ServedModel model)
    {
        using (body) return form.Read(body.Bytes, model);
    }

    private static string? RequestKey(HttpContext context) =>
        context.Request.Headers.TryGetValue(PredictionPipeline.RequestKeyHeader, out var key)
        && key.ToString() is { Length: > 0 } text ? text : null;
}
