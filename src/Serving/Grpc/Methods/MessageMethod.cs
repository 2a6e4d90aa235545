using Google.Protobuf;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Grpc.Wire;

namespace Gyre.Serving.Grpc.Methods;

/// <summary>A method on generated messages, for those that are called now and then.</summary>
internal sealed class MessageMethod<TRequest, TAnswer>(
    string path, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, ValueTask<TAnswer>> answer,
    Func<TRequest, string>? modelOf = null)
    : IUnaryMethod
    where TRequest : IMessage<TRequest>
    where TAnswer : IMessage<TAnswer>
{
    public string Path => path;

    public async ValueTask InvokeAsync(UnaryCall call)
    {
        var request = Parse(call.Request);
        if (modelOf is not null) call.Demand(modelOf(request));
        (await answer(request, call.Cancellation)).WriteTo(call.Answer);
    }

    private TRequest Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            throw ProtoReader.Malformed();
        }
    }
}
