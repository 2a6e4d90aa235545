using Gyre.Primitives;
using Gyre.Serving.Requests;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>What failures are in gRPC: the one place that maps them.</summary>
internal static class GrpcStatuses
{
    /// <summary>The status of a failure, and what the client reads about it.</summary>
    public static (GrpcStatusCode Status, string Message) Of(Exception failure) => failure switch
    {
        CallFailedException call => (call.Status, call.Message),
        RequestRejectedException { Reason: RejectionReason.TooLarge } large =>
            (GrpcStatusCode.ResourceExhausted, large.Message),
        GyreException gyre => (Of(gyre.Code), gyre.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large =>
            (GrpcStatusCode.ResourceExhausted, large.Message),
        BadHttpRequestException bad => (GrpcStatusCode.Internal, bad.Message),
        _ => (GrpcStatusCode.Internal, "An unexpected error; the server's log has the details."),
    };

    /// <summary>
    /// The status of an HTTP answer that was given in place of a method's: by the guard, by a limit. It is this
    /// server's own answer, not a proxy's, for which gRPC's table of HTTP statuses is made: 400 is the argument's fault,
    /// 504 the deadline that this server has set.
    /// </summary>
    public static GrpcStatusCode OfHttp(int status) => status switch
    {
        StatusCodes.Status400BadRequest => GrpcStatusCode.InvalidArgument,
        StatusCodes.Status401Unauthorized => GrpcStatusCode.Unauthenticated,
        StatusCodes.Status403Forbidden => GrpcStatusCode.PermissionDenied,
        StatusCodes.Status404NotFound => GrpcStatusCode.Unimplemented,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests =>
            GrpcStatusCode.ResourceExhausted,
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable => GrpcStatusCode.Unavailable,
        StatusCodes.Status504GatewayTimeout => GrpcStatusCode.DeadlineExceeded,
        >= StatusCodes.Status500InternalServerError => GrpcStatusCode.Internal,
        _ => GrpcStatusCode.Unknown,
    };

    private static GrpcStatusCode Of(ErrorCode code) => code switch
    {
        ErrorCode.InvalidInput => GrpcStatusCode.InvalidArgument,
        ErrorCode.NotFound => GrpcStatusCode.NotFound,
        ErrorCode.AlreadyExists => GrpcStatusCode.AlreadyExists,
        ErrorCode.Conflict or ErrorCode.Refused => GrpcStatusCode.FailedPrecondition,
        ErrorCode.Forbidden => GrpcStatusCode.PermissionDenied,
        ErrorCode.Unavailable => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Internal,
    };
}
