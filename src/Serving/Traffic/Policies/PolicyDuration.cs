using System.Globalization;

namespace Gyre.Serving.Traffic.Policies;

/// <summary>Lengths of time in policies: <c>90s</c>, <c>10m</c>, <c>12h</c>, <c>7d</c>.</summary>
internal static class PolicyDuration
{
    private static readonly (char Unit, TimeSpan Length)[] Units =
    [
        ('d', TimeSpan.FromDays(1)), ('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)),
        ('s', TimeSpan.FromSeconds(1)),
    ];

    /// <summary>Reads one; null when it is none, or longer than ten years.</summary>
    public static TimeSpan? Parse(string text)
    {
        foreach (var (unit, length) in Units)
        {
            if (!text.EndsWith(unit)) continue;
            return double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out var count) && count * length.TotalDays <= 3650
                ? count * length : null;
        }

        return null;
    }

    /// <summary>Writes one in the largest unit that divides it.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (unit, length) in Units)
        {
            if (duration != TimeSpan.Zero && duration.Ticks % length.Ticks == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / length.Ticks}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s");
    }
}
