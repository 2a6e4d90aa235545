using System.Text;
using System.Text.Json;
using Gyre.Serving.Slots;
using Gyre.Serving.Storage;
using Gyre.Tabular;

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
    string Model, int Version, DateTimeOffset RequestedAt, string[] Ids, Table Inputs, ModelOutputs Outputs,
    TimeSpan Latency)
{
    /// <summary>A row in the form that is stored.</summary>
    public PredictionRow RowAt(int row, PooledJson json) => new(
        Ids[row], Model, Version, RequestedAt, row, json.Write(writer => WriteInputs(writer, row)),
        json.Write(writer => Outputs.WriteRow(writer, row)), (long)Latency.TotalMicroseconds);

    private void WriteInputs(Utf8JsonWriter writer, int row)
    {
        writer.WriteStartObject();
        foreach (var column in Inputs.Columns)
        {
            writer.WritePropertyName(column.Name);
            if (column.IsMissing(row)) writer.WriteNullValue();
            else
            {
                switch (column)
                {
                    case Column<double> numbers: writer.WriteNumberValue(numbers.Values[row]); break;
                    case Column<long> integers: writer.WriteNumberValue(integers.Values[row]); break;
                    case Column<bool> flags: writer.WriteBooleanValue(flags.Values[row]); break;
                    case ImageColumn images: writer.WriteStringValue(Fingerprint(images.Image(row))); break;
                    case CategoricalColumn strings: writer.WriteStringValue(strings.StringAt(row)); break;
                }
            }
        }

        writer.WriteEndObject();
    }

    // Megabytes of pixels do not belong into a log; the hash still tells whether an image is the one that was sent.
    private static string Fingerprint(ReadOnlySpan<byte> image) =>
        $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image))}";
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
