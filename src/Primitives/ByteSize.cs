using System.Globalization;

namespace Gyre.Primitives;

/// <summary>Sizes as people write them.</summary>
public static class ByteSize
{
    private static readonly (string Suffix, long Factor)[] Units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1), ("", 1)];

    /// <summary>Reads <c>1048576</c>, <c>512KiB</c>, <c>64MiB</c> or <c>1GiB</c>.</summary>
    /// <returns>Bytes, from 1 to 2⁶², or null when it is something else.</returns>
    public static long? TryParse(string text)
    {
        foreach (var (suffix, factor) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            return long.TryParse(text[..^suffix.Length].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number > 0 && number <= (1L << 62) / factor
                ? number * factor
                : null;
        }

        return null;
    }
}
