using System.Globalization;

namespace Gyre.Loop.Pipeline;

/// <summary>Lengths of time as people write them: 7d, 24h, 30m, 10s, 50ms.</summary>
public static class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)),
        ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
    ];

    /// <summary>Reads a length of time; false when it is none, or longer than a century.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, length) in _units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out var count) || count * length.TotalDays > 36_500)
                return false;
            duration = count * length;
            return true;
        }

        return false;
    }

    /// <summary>Writes a length of time in the largest unit that holds it whole.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, length) in new[] { _units[1], _units[2], _units[3], _units[4] })
        {
            if (duration.Ticks % length.Ticks == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / length.Ticks}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms");
    }
}
