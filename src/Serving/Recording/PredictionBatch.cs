using System.Text;
using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Serving.Storage;

namespace Gyre.Serving.Recording;

/// <summary>
/// The predictions of one request, to be recorded. Holds the request's own columns: the JSON that is stored is made by
/// the log's writer, after the answer.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="RequestedAt">When the request arrived.</param>
/// <param name="Ids">One prediction id per row.</param>
/// <param name="Inputs">The rows.</param>
/// <param name="Outputs">What was predicted.</param>
/// <param name="Latency">Time from arrival to prediction.</param>
internal sealed record PredictionBatch(
    string Model, int Version, DateTimeOffset RequestedAt, string[] Ids, ModelInputs Inputs, ModelOutputs Outputs,
    TimeSpan Latency)
{
    /// <summary>A row in the form that is stored.</summary>
    public PredictionRow RowAt(int row, PooledJson json) => new(
        Ids[row], Model, Version, RequestedAt, row, json.Write(writer => Inputs.WriteRow(writer, row)),
        json.Write(writer => Outputs.WriteRow(writer, row)), (long)Latency.TotalMicroseconds);
}

/// <summary>Makes JSON texts one after another in one buffer. Not thread-safe.</summary>
internal sealed class PooledJson : IDisposable
{
    private readonly System.Buffers.ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    public PooledJson() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
    {
        SkipValidation = true,
        // The text is stored, not embedded in HTML: names and values stay readable.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

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
