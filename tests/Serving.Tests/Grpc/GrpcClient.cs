using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Serving.Tests.Grpc;

/// <summary>A call's end: its HTTP status, its gRPC status, the message about it, and the message answered.</summary>
internal sealed record GrpcAnswer(
    HttpStatusCode Http, int? Status, string? Message, byte[]? Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// Calls over HTTP/2 as bytes, so that tests can also send what no proper client would. What proper clients do is
/// tested with one, by ForeignGrpcTests.
/// </summary>
internal sealed class GrpcClient(Uri address) : IDisposable
{
    public const string Service = "/inference.GRPCInferenceService/";

    private readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });

    /// <summary>A message in its frame.</summary>
    public static byte[] Frame(byte[] message, bool compressed = false)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public Task<GrpcAnswer> CallAsync(string path, IMessage message, Action<HttpRequestMessage>? change = null) =>
        SendAsync(path, Frame(message.ToByteArray()), change);

    public async Task<ModelInferResponse> InferAsync(ModelInferRequest request)
    {
        var answer = await CallAsync(Service + "ModelInfer", request);
        Assert.True(answer.Status == 0, $"{answer.Status}: {answer.Message}");
        return ModelInferResponse.Parser.ParseFrom(answer.Body);
    }

    public async Task<GrpcAnswer> SendAsync(
        string path, byte[] body, Action<HttpRequestMessage>? change = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        change?.Invoke(request);
        using var response = await _http.SendAsync(request, cancellation);
        var answered = await response.Content.ReadAsByteArrayAsync(cancellation);
        var headers = response.Headers.Concat(response.TrailingHeaders)
            .ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        var status = headers.TryGetValue("grpc-status", out var text) ? int.Parse(text) : (int?)null;
        var message = headers.TryGetValue("grpc-message", out var about) ? Uri.UnescapeDataString(about) : null;
        return new GrpcAnswer(response.StatusCode, status, message, Unframe(answered), headers);
    }

    public void Dispose() => _http.Dispose();

    private static byte[]? Unframe(byte[] body)
    {
        if (body.Length < 5) return null;
        Assert.Equal(0, body[0]);
        Assert.Equal(body.Length - 5, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
        return body[5..];
    }
}
