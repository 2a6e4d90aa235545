using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Protection.Limits;

/// <summary>
/// The time that one request may take. When it is over, <c>RequestAborted</c> is cancelled, as it is when the client
/// goes away. Kept with the connection or stream and used again, so that a request costs a timer's start and no memory.
/// Not thread-safe: a connection's or stream's requests follow each other.
/// </summary>
internal sealed class RequestDeadline
{
    private static readonly object StateKey = new();

    private readonly CancellationTokenSource _source = new();
    private CancellationToken _client;
    private CancellationTokenRegistration _link;

    private RequestDeadline()
    {
    }

    /// <summary>Whether the time is over and the client still waits.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_client.IsCancellationRequested;

    /// <summary>Begins a request's time.</summary>
    public static RequestDeadline Begin(HttpContext context, TimeSpan timeout)
    {
        var state = context.Features.Get<IPersistentStateFeature>()?.State;
        var deadline = state is not null && state.TryGetValue(StateKey, out var kept) ? kept as RequestDeadline : null;
        // A timer that has fired meanwhile, or a client that left, leaves a source that is spent.
        if (deadline is null || !deadline._source.TryReset())
        {
            deadline?._link.Dispose();
            deadline = new RequestDeadline();
            if (state is not null) state[StateKey] = deadline;
        }

        deadline.Follow(context);
        deadline._source.CancelAfter(timeout);
        context.RequestAborted = deadline._source.Token;
        return deadline;
    }

    private void Follow(HttpContext context)
    {
        // Over HTTP/1 the client goes away with the connection, which is followed once; a stream of HTTP/2 ends alone.
        var client = HttpProtocol.IsHttp11(context.Request.Protocol)
            && context.Features.Get<IConnectionLifetimeFeature>() is { } connection
            ? connection.ConnectionClosed
            : context.RequestAborted;
        if (client == _client) return;
        _link.Dispose();
        _client = client;
        _link = client.UnsafeRegister(static source => Cancel((CancellationTokenSource)source!), _source); // given here
    }

    private static void Cancel(CancellationTokenSource source) => source.Cancel();
}
