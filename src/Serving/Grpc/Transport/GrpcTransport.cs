using System.Globalization;
using Gyre.Primitives;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>
/// gRPC's unary calls on the host's own HTTP/2: <c>POST /package.Service/Method</c>, one framed message each way, the
/// status in the trailers. In two places, with the host's own (routing, the guard, limits) between them:
/// <see cref="AnswerAsync"/> turns every failure of a call into a status, <see cref="CallAsync(HttpContext,
/// IUnaryMethod)"/> is the endpoint of a method. Thread-safe.
/// </summary>
internal sealed class GrpcTransport(ServingOptions options, ILogger<GrpcTransport> logger)
{
    /// <summary>Sees to it that every call ends with a status; does not look at other requests.</summary>
    public Task AnswerAsync(HttpContext context, RequestDelegate next) =>
        HttpProtocol.IsHttp2(context.Request.Protocol) && GrpcHeaders.IsGrpc(context.Request.ContentType)
            ? AnswerCallAsync(context, next) : next(context);

    /// <summary>Calls a method.</summary>
    public Task CallAsync(HttpContext context, IUnaryMethod method)
    {
        if (!GrpcHeaders.IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "h2c";
            return Task.CompletedTask;
        }

        return context.Request.Headers.GrpcTimeout is { Count: > 0 } timeout
            ? CallUntilAsync(context, method, timeout.ToString())
            : CallAsync(context, method, context.RequestAborted);
    }

    private async Task AnswerCallAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400 } refused)
            {
                var isUnknown = refused.StatusCode is StatusCodes.Status404NotFound;
                Refuse(context, GrpcStatuses.OfHttp(refused.StatusCode), isUnknown ? "There is no such method."
                    : string.Create(CultureInfo.InvariantCulture, $"Refused with HTTP status {refused.StatusCode}."));
            }
        }
        catch (Exception failure) when (IsGone(context, failure))
        {
            // The client cancelled or went away: there is nobody to answer.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            var (status, message) = GrpcStatuses.Of(failure);
            var retryAfter = (failure as GyreException)?.RetryAfter;
            // Turning calls away under load is normal and counted; a line for each would be a load of its own.
            if (retryAfter is null && failure is not GyreException { IsUserError: true })
                Log.CallFailed(logger, context.Request.Path, failure);
            Refuse(context, status, message);
            if (retryAfter is { } pause)
            {
                context.Response.Headers["grpc-retry-pushback-ms"] =
                    ((long)pause.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private async Task CallUntilAsync(HttpContext context, IUnaryMethod method, string timeout)
    {
        if (GrpcHeaders.ParseTimeout(timeout) is not { } time)
            throw new CallFailedException(GrpcStatusCode.Internal, "grpc-timeout is not a number and a unit.");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(time);
        try
        {
            if (time == TimeSpan.Zero) await deadline.CancelAsync();
            await CallAsync(context, method, deadline.Token);
        }
        catch (OperationCanceledException failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new CallFailedException(GrpcStatusCode.DeadlineExceeded, "The call's deadline has passed.", failure);
        }
    }

    private async Task CallAsync(HttpContext context, IUnaryMethod method, CancellationToken cancellation)
    {
        using var call = await KestrelCall.OpenAsync(context, options.MaximumBodyBytes, cancellation);
        cancellation.ThrowIfCancellationRequested();
        await method.InvokeAsync(call);
        // Who is no longer waiting gets no answer, also where one has become ready.
        cancellation.ThrowIfCancellationRequested();
        call.Complete();
    }

    private static void Refuse(HttpContext context, GrpcStatusCode status, string message)
    {
        context.Response.Clear();
        GrpcHeaders.Refuse(context.Response, status, message);
    }

    private static bool IsGone(HttpContext context, Exception failure) =>
        failure is ConnectionResetException or ConnectionAbortedException
        || failure.InnerException is ConnectionResetException or ConnectionAbortedException
        || (failure is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);
}
