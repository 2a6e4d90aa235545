using Gyre.Serving.Engine;
using Gyre.Serving.Grpc.Inference;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Http;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;

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
        engine.Admit(target.Model, arrival);
        using var hold = await engine.HoldAsync(
            target.Model, target.Version, call.Metadata(RequestKey), call.Cancellation);
        var model = hold.Model;
        try
        {
            var inputs = InferRequestReader.ReadInputs(
                call.Request, InputCollector.For(model, options.Limits), target.IsRaw);
            var outputs = InferRequestReader.ReadOutputs(call.Request, model.Scorer.Outputs);
            call.ReleaseRequest();
            var prediction = await engine.PredictAsync(model, inputs, arrival, call.Cancellation);
            InferAnswer.Write(call.Answer, model, target, outputs, prediction);
            engine.Answered(model, prediction, arrival);
        }
        catch (RequestRejectedException rejection)
        {
            engine.Rejected(model.Name, model.VersionText, arrival, rejection);
            throw;
        }
        catch (CallFailedException failure)
        {
            var rejection = RequestRejectedException.Whole(RejectionReason.BadJson, failure.Message, failure);
            engine.Rejected(model.Name, model.VersionText, arrival, rejection);
            throw;
        }
        catch (Exception failure)
        {
            engine.Failed(model, arrival, failure);
            throw;
        }
    }
}
