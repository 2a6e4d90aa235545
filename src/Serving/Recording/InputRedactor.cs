using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Gyre.Serving.Recording;

/// <summary>
/// Copies the JSON object of a request's inputs without the values that must not be recorded. The object has been
/// written by us, in one piece. For one thread at a time.
/// </summary>
/// <param name="redact">What becomes of which input.</param>
/// <param name="key">The key of hashes.</param>
internal sealed class InputRedactor(ImmutableDictionary<string, Redaction> redact, byte[] key) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _scratch = new(1024);
    private readonly Utf8JsonWriter _scratchJson = new(Stream.Null, PooledJson.Options);

    /// <summary>Writes a row of inputs.</summary>
    public void WriteRow(Utf8JsonWriter json, Engine.ModelInputs inputs, int row)
    {
        _scratch.ResetWrittenCount();
        _scratchJson.Reset(_scratch);
        inputs.WriteRow(_scratchJson, row);
        _scratchJson.Flush();
        Copy(json, _scratch.WrittenSpan);
    }

    public void Dispose() => _scratchJson.Dispose();

    private void Copy(Utf8JsonWriter json, ReadOnlySpan<byte> inputs)
    {
        var reader = new Utf8JsonReader(inputs);
        reader.Read();
        json.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!; // a property has a name
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isMissing = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            var value = inputs[start..(int)reader.BytesConsumed];
            Redaction? redaction = redact.TryGetValue(name, out var found) ? found : null;
            if (redaction == Redaction.Drop) continue;
            json.WritePropertyName(name);
            if (isMissing || redaction is null) json.WriteRawValue(value, skipInputValidation: true);
            else if (redaction == Redaction.Mask) json.WriteStringValue(LogPolicy.MaskText);
            else json.WriteStringValue(Hash(value));
        }

        json.WriteEndObject();
    }

    private string Hash(ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, value, digest);
        return LogPolicy.HashPrefix + Convert.ToHexStringLower(digest[..(LogPolicy.HashDigits / 2)]);
    }
}
