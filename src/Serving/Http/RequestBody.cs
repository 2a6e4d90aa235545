using System.Buffers;
using System.IO.Pipelines;
using Gyre.Serving.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gyre.Serving.Http;

/// <summary>
/// A request's body as one span of bytes, for the JSON reader. The usual small body is read where Kestrel received it;
/// a longer one is gathered in a pooled buffer that grows with what has arrived, never with what was announced.
/// Dispose it when its bytes are no longer needed.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBuffer = 16 << 10;

    private readonly PipeReader _pipe;
    private ReadOnlySequence<byte> _direct;
    private bool _isDirect;
    private byte[]? _pooled;
    private int _length;

    private RequestBody(PipeReader pipe) => _pipe = pipe;

    /// <summary>The whole body.</summary>
    public ReadOnlySpan<byte> Bytes => _isDirect ? _direct.FirstSpan : _pooled.AsSpan(0, _length);

    /// <summary>Reads the body.</summary>
    /// <exception cref="RequestRejectedException">
    /// It is longer than <paramref name="limit"/>, compressed.
    /// </exception>
    public static async ValueTask<RequestBody> ReadAsync(
        HttpContext context, long limit, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
            throw RequestRejectedException.Whole(RejectionReason.BadJson, "Compressed bodies are not supported.");
        return await ReadWholeAsync(context, limit, cancellationToken);
    }

    /// <summary>Reads a body whatever its headers say about it, but for its length.</summary>
    /// <exception cref="RequestRejectedException">It is longer than <paramref name="limit"/>.</exception>
    public static async ValueTask<RequestBody> ReadWholeAsync(
        HttpContext context, long limit, CancellationToken cancellationToken)
    {
        // The server's own limit would answer 413 with a body of its own; the limit here is the one that counts.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Request.ContentLength > limit) throw TooLarge(limit);
        var body = new RequestBody(context.Request.BodyReader);
        try
        {
            await body.ReadAllAsync(limit, cancellationToken);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_isDirect) _pipe.AdvanceTo(_direct.End);
        _isDirect = false;
        if (_pooled is not null) ArrayPool<byte>.Shared.Return(_pooled);
        _pooled = null;
    }

    private async ValueTask ReadAllAsync(long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadPartAsync(cancellationToken);
            if (_length + result.Buffer.Length > limit)
            {
                _pipe.AdvanceTo(result.Buffer.End);
                throw TooLarge(limit);
            }

            if (result.IsCompleted && _pooled is null && result.Buffer.IsSingleSegment)
            {
                (_direct, _isDirect) = (result.Buffer, true);
                return;
            }

            // The end of a small body comes in a frame of its own; until then it can stay where it is.
            if (!result.IsCompleted && _pooled is null && result.Buffer.IsSingleSegment)
            {
                _pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            Append(result.Buffer);
            _pipe.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return;
        }
    }

    // A client that left looks like many things: a reset stream, a broken pipe, an end before the announced one.
    private async ValueTask<ReadResult> ReadPartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _pipe.ReadAsync(cancellationToken);
        }
        catch (IOException gone) when (gone is not BadHttpRequestException)
        {
            throw new ConnectionAbortedException("The client went away before its request was whole.", gone);
        }
    }

    private void Append(ReadOnlySequence<byte> arrived)
    {
        var needed = _length + (int)arrived.Length;
        if (_pooled is null || needed > _pooled.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBuffer, _length * 2)));
            _pooled.AsSpan(0, _length).CopyTo(larger);
            if (_pooled is not null) ArrayPool<byte>.Shared.Return(_pooled);
            _pooled = larger;
        }

        arrived.CopyTo(_pooled.AsSpan(_length));
        _length = needed;
    }

    private static RequestRejectedException TooLarge(long limit) =>
        RequestRejectedException.Whole(RejectionReason.TooLarge, $"The body is longer than {limit} bytes.");
}
