using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Inference;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Http;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Methods;

/// <summary><c>ModelInfer</c>: predicts.</summary>
internal sealed class InferMethod(PredictionEngine engine, ServingOptions options) : IUnaryMethod
{
    private static readonly string RequestKey = PredictionPipeline.RequestKeyHeader.ToLowerInvariant();

    public string Path => InferenceMethods.Service + "ModelInfer";

    public async ValueTask InvokeAsync(UnaryCall call)
    {
        var arrival = engine.Arrive(InferenceProtocol.OipGrpc);
        var target = InferTarget.Read(call.Request);
        call.Demand(target.Model);
        engine.Admit(target.Model, arrival);
        using var hold = await engine.HoldAsync(
            target.Model, target.Version, call.Metadata(RequestKey), call.Cancellation);
        // One method for both, since another asynchronous one costs each request an allocation.
        using ModelHold? chosen = hold.Choice.KeyColumn is null ? null : await HoldByColumnAsync(call, target, arrival, hold);
        var model = (chosen ?? hold).Model;
        try
        {
            var inputs = ReadInputs(call, target, model);
            var outputs = InferRequestReader.ReadOutputs(call.Request, model.Scorer.Outputs);
            call.ReleaseRequest();
            var prediction = await engine.PredictAsync(model, inputs, arrival, call.Cancellation);
            InferAnswer.Write(call.Answer, model, target, outputs, prediction);
            engine.Answered(model, prediction, arrival);
        }
        catch (Exception failure) when (failure is RequestRejectedException or CallFailedException)
        {
            engine.Rejected(model.Name, model.VersionText, arrival, RejectionOf(failure));
            throw;
        }
        catch (Exception failure)
        {
            // Whatever is thrown once the client has gone, such as by giving back the bytes of an aborted stream, is only that.
            engine.Failed(model, arrival, call.Cancellation.IsCancellationRequested
                ? new OperationCanceledException(failure.Message, failure) : failure);
            throw;
        }
    }

    // The inputs are read twice: for their key, and as the version that it leads to takes them.
    private async ValueTask<ModelHold> HoldByColumnAsync(
        UnaryCall call, InferTarget target, Arrival arrival, ModelHold champion)
    {
        ModelInputs inputs;
        try
        {
            inputs = ReadInputs(call, target, champion.Model);
        }
        catch (Exception failure) when (failure is RequestRejectedException or CallFailedException)
        {
            engine.Rejected(champion.Model.Name, champion.Model.VersionText, arrival, RejectionOf(failure));
            throw;
        }

        return await engine.HoldByColumnAsync(champion, inputs, call.Cancellation);
    }

    private ModelInputs ReadInputs(UnaryCall call, InferTarget target, ServedModel model) =>
        InferRequestReader.ReadInputs(call.Request, InputCollector.For(model, options.Limits), target.IsRaw);

    private static RequestRejectedException RejectionOf(Exception failure) => failure as RequestRejectedException
        ?? RequestRejectedException.Whole(RejectionReason.BadJson, failure.Message, failure);
}
