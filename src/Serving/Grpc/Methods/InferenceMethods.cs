using Google.Protobuf;
using Gyre.Primitives;
using Gyre.Serving.Grpc.Protocol;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Http;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Grpc.Methods;

/// <summary>The RPCs of the Open Inference Protocol that describe, and the health check that load balancers use.</summary>
internal static class InferenceMethods
{
    /// <summary>The beginning of the paths.</summary>
    public const string Service = "/inference.GRPCInferenceService/";

    private const string HealthService = "/grpc.health.v1.Health/";

    /// <summary>All methods but <c>ModelInfer</c>.</summary>
    public static IEnumerable<IUnaryMethod> Create(ModelSlots slots, ChampionFollower follower) =>
    [
        Method(Service + "ServerLive", ServerLiveRequest.Parser, _ => new ServerLiveResponse { Live = true }),
        Method(Service + "ServerReady", ServerReadyRequest.Parser,
            _ => new ServerReadyResponse { Ready = follower.IsReady }),
        Method(Service + "ServerMetadata", ServerMetadataRequest.Parser,
            _ => new ServerMetadataResponse { Name = "gyre", Version = InferenceEndpoints.ServerVersion }),
        new MessageMethod<ModelReadyRequest, ModelReadyResponse>(Service + "ModelReady", ModelReadyRequest.Parser,
            (request, cancellation) => IsReadyAsync(slots, request, cancellation),
            request => request.Name),
        new MessageMethod<ModelMetadataRequest, ModelMetadataResponse>(Service + "ModelMetadata",
            ModelMetadataRequest.Parser, (request, cancellation) => DescribeAsync(slots, request, cancellation),
            request => request.Name),
        Method(HealthService + "Check", HealthCheckRequest.Parser, request => Check(follower, request)),
    ];

    private static MessageMethod<TRequest, TAnswer> Method<TRequest, TAnswer>(
        string path, MessageParser<TRequest> parser, Func<TRequest, TAnswer> answer)
        where TRequest : IMessage<TRequest>
        where TAnswer : IMessage<TAnswer> =>
        new(path, parser, (request, _) => ValueTask.FromResult(answer(request)));

    // The question is whether it is ready: of a model that is not served the answer is no, not an error.
    private static async ValueTask<ModelReadyResponse> IsReadyAsync(
        ModelSlots slots, ModelReadyRequest request, CancellationToken cancellation)
    {
        try
        {
            using var hold = await ServedModels.HoldAsync(slots, request.Name, VersionOf(request.Version), cancellation);
            return new ModelReadyResponse { Ready = true };
        }
        catch (GyreException failure) when (failure.Code is ErrorCode.NotFound)
        {
            return new ModelReadyResponse { Ready = false };
        }
    }

    private static async ValueTask<ModelMetadataResponse> DescribeAsync(
        ModelSlots slots, ModelMetadataRequest request, CancellationToken cancellation)
    {
        using var hold = await ServedModels.HoldAsync(slots, request.Name, VersionOf(request.Version), cancellation);
        var model = hold.Model;
        var description = new ModelMetadataResponse { Name = model.Name, Platform = "onnx_onnxv1" };
        description.Versions.Add(model.VersionText);
        foreach (var column in model.Scorer.Inputs)
        {
            long[] shape = column.Image is { } image ? [-1, image.Height, image.Width, image.Channels] : [-1, 1];
            description.Inputs.Add(Tensor(column.Name, InferenceEndpoints.DatatypeOf(column.Type).Name, shape));
        }

        foreach (var input in model.Scorer.Tensors)
            description.Inputs.Add(Tensor(input.Name, input.Datatype.Name, [.. input.Shape]));
        foreach (var output in model.Scorer.Outputs)
            description.Outputs.Add(Tensor(output.Name, output.Datatype.Name, [.. output.Shape]));

        return description;
    }

    private static ModelMetadataResponse.Types.TensorMetadata Tensor(string name, string datatype, long[] shape)
    {
        var tensor = new ModelMetadataResponse.Types.TensorMetadata { Name = name, Datatype = datatype };
        tensor.Shape.AddRange(shape);
        return tensor;
    }

    private static HealthCheckResponse Check(ChampionFollower follower, HealthCheckRequest request)
    {
        if (request.Service.Length > 0 && $"/{request.Service}/" is not (Service or HealthService))
            throw GyreException.NotFound("There is no such service.");
        var status = follower.IsReady
            ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing;
        return new HealthCheckResponse { Status = status };
    }

    private static string? VersionOf(string version) => version.Length > 0 ? version : null;
}
