using Gyre.Serving.Grpc.Wire;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>
/// One RPC that takes a message and answers a message: the seam between our methods and what carries them, so that a
/// gRPC server package could take the place of this folder. Thread-safe.
/// </summary>
internal interface IUnaryMethod
{
    /// <summary>The method's path: <c>/package.Service/Method</c>.</summary>
    string Path { get; }

    /// <summary>Answers a call.</summary>
    /// <exception cref="Primitives.GyreException">There is no answer; the transport makes it a status.</exception>
    ValueTask InvokeAsync(UnaryCall call);
}

/// <summary>One call, for as long as it is being answered.</summary>
internal abstract class UnaryCall
{
    /// <summary>The message sent; until <see cref="ReleaseRequest"/>.</summary>
    public abstract ReadOnlySpan<byte> Request { get; }

    /// <summary>Where the message to answer goes.</summary>
    public abstract AnswerBuffer Answer { get; }

    /// <summary>Fires when the client has gone or the call's deadline has passed.</summary>
    public abstract CancellationToken Cancellation { get; }

    /// <summary>Gives the bytes of <see cref="Request"/> back, before a wait in which they are not needed.</summary>
    public abstract void ReleaseRequest();

    /// <summary>Demands that the caller may use a model.</summary>
    /// <exception cref="Primitives.GyreException">It may not.</exception>
    public abstract void Demand(string model);

    /// <summary>A value of the call's metadata, or null. Names are lower case.</summary>
    public abstract string? Metadata(string name);
}
