using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Http;

/// <summary>
/// How one protocol reads a prediction request and writes its answer; <typeparamref name="T"/> is what it read.
/// </summary>
internal interface IPredictionForm<T>
{
    /// <summary>The protocol's name in metrics, traces and log lines.</summary>
    InferenceProtocol Protocol { get; }

    T Read(ReadOnlySpan<byte> body, ServedModel model);

    ModelInputs InputsOf(T request);

    void Write(JsonAnswer answer, T request, ServedModel model, in Prediction prediction);
}

/// <summary>
/// A prediction over HTTP: body → held version → inputs → <see cref="PredictionEngine"/> → answer. Thread-safe.
/// </summary>
internal sealed class PredictionPipeline(PredictionEngine engine, ServingOptions options)
{
    /// <summary>What stays with one version under a traffic policy, such as a user's id.</summary>
    public const string RequestKeyHeader = "X-Gyre-Key";

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The model asked for.</param>
    /// <param name="version">The version asked for, or null for the one that is served.</param>
    /// <param name="form">The protocol.</param>
    /// <exception cref="GyreException">
    /// There is no answer: the input is refused, the model is not served, the log is full.
    /// </exception>
    public Task AnswerAsync<T>(HttpContext context, string name, string? version, IPredictionForm<T> form)
    {
        context.Features.Get<IModelAccess>()?.Demand(name);
        var arrival = engine.Arrive(form.Protocol);
        // Not in the asynchronous part, which would throw a refusal again at each await: there may be many a second.
        var served = engine.Admit(name, arrival);
        return AnswerAsync(context, name, version, arrival, served, form);
    }

    private async Task AnswerAsync<T>(HttpContext context, string name, string? version, Arrival arrival, string served,
        IPredictionForm<T> form)
    {
        RequestBody body;
        try
        {
            body = await RequestBody.ReadAsync(context, options.MaximumBodyBytes, context.RequestAborted);
        }
        catch (RequestRejectedException rejection)
        {
            engine.Rejected(name, served, arrival, rejection);
            throw;
        }

        using (body)
        using (var hold = await engine.HoldAsync(name, version, RequestKey(context), context.RequestAborted))
        {
            await (hold.Choice.KeyColumn is null ? AnswerAsync(context, body, hold.Model, arrival, form)
                : AnswerByColumnAsync(context, body, hold, arrival, form));
        }
    }

    // The inputs are read twice: for their key, and as the version that it leads to takes them.
    private async Task AnswerByColumnAsync<T>(
        HttpContext context, RequestBody body, ModelHold champion, Arrival arrival, IPredictionForm<T> form)
    {
        ModelInputs inputs;
        try
        {
            inputs = form.InputsOf(form.Read(body.Bytes, champion.Model));
        }
        catch (RequestRejectedException rejection)
        {
            engine.Rejected(champion.Model.Name, champion.Model.VersionText, arrival, rejection);
            throw;
        }

        using var chosen = await engine.HoldByColumnAsync(champion, inputs, context.RequestAborted);
        await AnswerAsync(context, body, chosen.Model, arrival, form);
    }

    private async Task AnswerAsync<T>(
        HttpContext context, RequestBody body, ServedModel model, Arrival arrival, IPredictionForm<T> form)
    {
        try
        {
            var request = Read(body, form, model);
            var prediction = await engine.PredictAsync(
                model, form.InputsOf(request), arrival, context.RequestAborted);
            using var answer = JsonAnswer.Rent();
            form.Write(answer, request, model, prediction);
            await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
            engine.Answered(model, prediction, arrival);
        }
        catch (RequestRejectedException rejection)
        {
            engine.Rejected(model.Name, model.VersionText, arrival, rejection);
            throw;
        }
        catch (Exception failure)
        {
            engine.Failed(model, arrival, failure);
            throw;
        }
    }

    // Its bytes are read once and let go before the prediction, which may wait.
    private static T Read<T>(RequestBody body, IPredictionForm<T> form, ServedModel model)
    {
        using (body) return form.Read(body.Bytes, model);
    }

    private static string? RequestKey(HttpContext context) =>
        context.Request.Headers.TryGetValue(RequestKeyHeader, out var key) && key.ToString() is { Length: > 0 } text
            ? text : null;
}
