using Gyre.Primitives;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>A call that gRPC itself refuses, before or beside the method that was called.</summary>
internal sealed class CallFailedException(GrpcStatusCode status, string message, Exception? innerException = null)
    : GyreException(ErrorCode.InvalidInput, message, innerException)
{
    /// <summary>What the client is told.</summary>
    public GrpcStatusCode Status => status;
}
