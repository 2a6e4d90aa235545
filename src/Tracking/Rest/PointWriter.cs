using System.Buffers.Text;
using System.Text.Json;

namespace Gyre.Tracking.Rest;

/// <summary>
/// Writes many points of one metric as JSON objects: what is the same in all of them is made once. For one thread at a
/// time.
/// </summary>
internal sealed class PointWriter
{
    private const int LongestNumber = 32;

    private readonly byte[] _bytes;
    private readonly int _start;

    public PointWriter(string key)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(key, RestAnswer.TextOptions);
        byte[] name = [.. "{\"key\":"u8, .. text, .. ",\"value\":"u8];
        _start = name.Length;
        _bytes = new byte[_start + (3 * LongestNumber) + ",\"timestamp\":,\"step\":}"u8.Length];
        name.CopyTo(_bytes, 0);
    }

    public void Write(Utf8JsonWriter json, in MetricPoint point)
    {
        var at = Append(_start, point.Value);
        at = Append(at, ",\"timestamp\":"u8);
        at = Append(at, point.Timestamp);
        at = Append(at, ",\"step\":"u8);
        at = Append(at, point.Step);
        _bytes[at] = (byte)'}';
        json.WriteRawValue(_bytes.AsSpan(0, at + 1), skipInputValidation: true);
    }

    private int Append(int at, double value)
    {
        if (!double.IsFinite(value))
            return Append(at, double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(at), out var written); // there is room for any number
        return at + written;
    }

    private int Append(int at, long value)
    {
        Utf8Formatter.TryFormat(value, _bytes.AsSpan(at), out var written); // there is room for any number
        return at + written;
    }

    private int Append(int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_bytes.AsSpan(at));
        return at + text.Length;
    }
}
