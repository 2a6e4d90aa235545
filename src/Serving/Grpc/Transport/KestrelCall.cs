using System.Buffers;
using Gyre.Serving.Grpc.Wire;
using Gyre.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Grpc.Transport;

/// <summary>A call that came over this server's HTTP/2.</summary>
internal sealed class KestrelCall : UnaryCall, IDisposable
{
    private readonly HttpContext _context;
    private readonly RequestBody _body;
    private readonly byte[]? _decompressed;
    private readonly AnswerBuffer _answer;

    private KestrelCall(HttpContext context, RequestBody body, byte[]? decompressed, CancellationToken cancellation)
    {
        (_context, _body, _decompressed, _answer) = (context, body, decompressed, AnswerBuffer.Rent());
        Cancellation = cancellation;
        _answer.Advance(GrpcFrame.Prefix);
    }

    public override ReadOnlySpan<byte> Request => _decompressed ?? _body.Bytes[GrpcFrame.Prefix..];

    public override AnswerBuffer Answer => _answer;

    public override CancellationToken Cancellation { get; }

    /// <summary>Reads a call's message.</summary>
    /// <exception cref="Primitives.GyreException">It is too long, or not one message.</exception>
    public static async ValueTask<KestrelCall> OpenAsync(HttpContext context, long limit, CancellationToken cancellation)
    {
        var encoding = (string?)context.Request.Headers.GrpcEncoding;
        if (encoding is not (null or "identity" or "gzip"))
        {
            context.Response.Headers.GrpcAcceptEncoding = GrpcHeaders.AcceptedEncodings;
            throw new CallFailedException(GrpcStatusCode.Unimplemented,
                "Messages are accepted as they are or with gzip, not with the encoding of this call.");
        }

        var body = await RequestBody.ReadWholeAsync(context, limit + GrpcFrame.Prefix, cancellation);
        try
        {
            return new KestrelCall(context, body, GrpcFrame.Open(body.Bytes, encoding, limit), cancellation);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public override void ReleaseRequest() => _body.Dispose();

    public override void Demand(string model) => _context.Features.Get<IModelAccess>()?.Demand(model);

    public override string? Metadata(string name) =>
        _context.Request.Headers.TryGetValue(name, out var values) ? (string?)values : null;

    /// <summary>Sends the answer and the status that all went well.</summary>
    public void Complete()
    {
        var message = _answer.Written;
        GrpcFrame.Write(message, message.Length - GrpcFrame.Prefix);
        _context.Response.ContentType = GrpcHeaders.ContentType;
        // Not flushed here: headers, message and trailers leave together when the call ends.
        _context.Response.BodyWriter.Write(message);
        _context.Response.AppendTrailer("grpc-status", "0");
    }

    public void Dispose()
    {
        _body.Dispose();
        _answer.Dispose();
    }
}
