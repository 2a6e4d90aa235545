using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gyre.Serving.Recording;

/// <summary>Makes JSON texts one after another in one buffer. Not thread-safe.</summary>
internal sealed class PooledJson : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    /// <summary>
    /// How JSON is written that is stored, not embedded in HTML: names and values stay readable. What writes it is ours,
    /// and is not checked.
    /// </summary>
    public static readonly JsonWriterOptions Options = new()
    {
        SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public PooledJson() => _writer = new Utf8JsonWriter(_buffer, Options);

    public string Write(Action<Utf8JsonWriter> write)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        write(_writer);
        _writer.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Dispose() => _writer.Dispose();
}
