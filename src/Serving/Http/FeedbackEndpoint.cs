using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Feedback;
using Gyre.Serving.Recording;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Serving.Http;

/// <summary>
/// <c>POST /feedback/{model}</c>: <c>[{predictionId, actual}]</c> to
/// <c>{"accepted":n,"results":[{"predictionId":…,"status":"accepted|unknown|unsampled|invalid","error":…}]}</c>, after the
/// commit.
/// </summary>
internal sealed class FeedbackEndpoint(
    ModelSlots slots, FeedbackIntake intake, RejectionLog rejections, ServingMetrics metrics, ServingOptions options)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/feedback/{model}", TakeAsync);

    private async Task TakeAsync(HttpContext context)
    {
        var model = context.Route("model");
        List<FeedbackItem> items;
        try
        {
            using var body = await RequestBody.ReadAsync(context, options.MaximumBodyBytes, context.RequestAborted);
            items = await ReadAsync(body, model, context.RequestAborted);
        }
        catch (RequestRejectedException rejection)
        {
            if (slots.VersionOf(model) is null) throw NotServed(model);
            metrics.CountRejection(model, rejection.Reason);
            rejections.Record(model, rejection);
            throw;
        }

        // Once begun it is finished, also when the client has gone.
        var status = await intake.TakeAsync(model, items, CancellationToken.None);
        if (slots.VersionOf(model) is null && !status.Contains(FeedbackStatus.Accepted)) throw NotServed(model);
        using var answer = JsonAnswer.Rent();
        Write(answer.Json, items, status);
        await answer.SendAsync(context.Response, StatusCodes.Status200OK, context.RequestAborted);
    }

    private async Task<List<FeedbackItem>> ReadAsync(
        RequestBody body, string model, CancellationToken cancellationToken)
    {
        // Feedback may come late, when the model is no longer served: its form is then not checked against the model.
        if (slots.VersionOf(model) is null) return FeedbackRequestReader.Read(body.Bytes, null, null);
        using var hold = await slots.HoldAsync(model, TrafficChoice.Champion, cancellationToken);
        return FeedbackRequestReader.Read(body.Bytes, hold.Model.Scorer.HasNumericTarget, hold.Model.Scorer.Labels);
    }

    private static GyreException NotServed(string model) =>
        GyreException.NotFound($"No model '{RequestRejectedException.Shorten(model)}' is served.");

    private static void Write(Utf8JsonWriter json, List<FeedbackItem> items, FeedbackStatus[] status)
    {
        json.WriteStartObject();
        json.WriteNumber("accepted"u8, status.Count(s => s is FeedbackStatus.Accepted));
        json.WriteStartArray("results"u8);
        for (var i = 0; i < status.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("predictionId"u8, RequestRejectedException.Shorten(items[i].PredictionId));
            json.WriteString("status"u8, FeedbackIntake.Name(status[i]));
            if (items[i].Problem is { } problem) json.WriteString("error"u8, problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
