using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gyre.Serving.Http;

/// <summary>
/// A JSON answer, gathered in a buffer that is used again, and sent whole with its Content-Length: chunked answers cost
/// Kestrel several times as much. Rent, write, send, dispose.
/// </summary>
internal sealed class JsonAnswer : IDisposable
{
    private const int LargestKept = 1 << 20;

    [ThreadStatic]
    private static JsonAnswer? _spare;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private ArrayBufferWriter<byte>? _binary;

    private JsonAnswer() => Json = new Utf8JsonWriter(_buffer, new JsonWriterOptions
    {
        SkipValidation = true,
        // The answer is application/json, never HTML: a class named <=50K is sent as it is.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Where to write the answer.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>
    /// Where to write the bytes of tensors that follow the JSON, as the binary tensor extension of the Open Inference
    /// Protocol has it.
    /// </summary>
    public ArrayBufferWriter<byte> Binary => _binary ??= new ArrayBufferWriter<byte>(1024);

    public static JsonAnswer Rent()
    {
        var answer = _spare ?? new JsonAnswer();
        _spare = null;
        return answer;
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask SendAsync(HttpResponse response, int status, CancellationToken cancellationToken)
    {
        Json.Flush();
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = _buffer.WrittenCount;
        if (_binary is { WrittenCount: > 0 } binary)
        {
            response.ContentType = "application/octet-stream";
            response.Headers[BinaryTensors.Header] = _buffer.WrittenCount.ToString(CultureInfo.InvariantCulture);
            response.ContentLength += binary.WrittenCount;
            response.BodyWriter.Write(_buffer.WrittenSpan);
            await response.BodyWriter.WriteAsync(binary.WrittenMemory, cancellationToken);
            return;
        }

        await response.BodyWriter.WriteAsync(_buffer.WrittenMemory, cancellationToken);
    }

    public void Dispose()
    {
        if (_buffer.Capacity > LargestKept) return;
        if (_binary is { Capacity: > LargestKept }) _binary = null;
        _binary?.ResetWrittenCount();
        _buffer.ResetWrittenCount();
        Json.Reset();
        _spare = this;
    }
}
