using System.Buffers.Text;
using System.Text.Json;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Rest;

/// <summary>
/// Writes many points of one metric as JSON objects: what is the same in all of them is made once, and several are
/// handed on together. For one thread at a time.
/// </summary>
internal sealed class PointWriter
{
    private const int LongestNumber = 32;
    private const int Together = 16 << 10;

    private readonly byte[] _name;
    private readonly byte[] _bytes;
    private readonly int _longest;

    public PointWriter(string key)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(key, RestAnswer.TextOptions);
        _name = [.. ",{\"key\":"u8, .. text, .. ",\"value\":"u8];
        _longest = _name.Length + (3 * LongestNumber) + ",\"timestamp\":,\"step\":}"u8.Length;
        _bytes = new byte[Math.Max(Together, _longest)];
    }

    /// <summary>Writes points as further items of the list that is open.</summary>
    public void Write(Utf8JsonWriter json, ReadOnlySpan<HistoryPoint> points)
    {
        var at = 0;
        foreach (ref readonly var point in points)
        {
            if (at + _longest > _bytes.Length) Send(json, ref at);
            at = Append(at, point);
        }

        Send(json, ref at);
    }

    /// <summary>The JSON writer takes several items for one: it only has to know whether a comma comes first.</summary>
    private void Send(Utf8JsonWriter json, ref int at)
    {
        if (at > 0) json.WriteRawValue(_bytes.AsSpan(1, at - 1), skipInputValidation: true);
        at = 0;
    }

    private int Append(int at, in HistoryPoint point)
    {
        at = Append(at, _name);
        at = Append(at, point.Value);
        at = Append(at, ",\"timestamp\":"u8);
        at = Append(at, point.Timestamp);
        at = Append(at, ",\"step\":"u8);
        at = Append(at, point.Step);
        return Append(at, "}"u8);
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
