using System.Globalization;
using Gyre.Primitives;

namespace Gyre.Server.Protection.Keys;

/// <summary>
/// So many requests in so much time, on each server: after a quiet time all of them may come at once, then they come
/// back evenly.
/// </summary>
/// <param name="Calls">Requests, at least 1.</param>
/// <param name="Per">The time, positive.</param>
public readonly record struct RateLimit(int Calls, TimeSpan Per)
{
    /// <summary>Reads <c>100/s</c>, <c>6000/m</c> or <c>50/h</c>.</summary>
    /// <exception cref="GyreException">It is something else.</exception>
    public static RateLimit Parse(string text)
    {
        var parts = text.Split('/');
        var per = parts.Length == 2 ? parts[1] switch
        {
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        } : TimeSpan.Zero;
        if (per > TimeSpan.Zero
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var calls)
            && calls > 0)
        {
            return new RateLimit(calls, per);
        }

        throw GyreException.Invalid($"'{text}' is no rate such as 100/s, 6000/m or 50/h.");
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Calls}/{(Per.TotalHours >= 1 ? 'h' : Per.TotalMinutes >= 1 ? 'm' : 's')}");
}

/// <summary>How long a quota lasts; each begins at a full hour, day or month of UTC.</summary>
public enum QuotaPeriod
{
    /// <summary>A clock hour.</summary>
    Hour,

    /// <summary>A day.</summary>
    Day,

    /// <summary>A calendar month.</summary>
    Month,
}

/// <summary>So many requests in each period, over all servers of a store together.</summary>
/// <param name="Calls">Requests, at least 1.</param>
/// <param name="Period">The period.</param>
public readonly record struct Quota(long Calls, QuotaPeriod Period)
{
    /// <summary>Reads <c>1000000/month</c>, <c>5000/day</c> or <c>100/hour</c>.</summary>
    /// <exception cref="GyreException">It is something else.</exception>
    public static Quota Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length == 2 && parts[1] is "hour" or "day" or "month"
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var calls) && calls > 0)
        {
            return new Quota(calls, Enum.Parse<QuotaPeriod>(parts[1], ignoreCase: true));
        }

        throw GyreException.Invalid($"'{text}' is no quota such as 1000000/month, 5000/day or 100/hour.");
    }

    /// <summary>When the period that holds <paramref name="now"/> began.</summary>
    public DateTimeOffset StartOf(DateTimeOffset now) => Period switch
    {
        QuotaPeriod.Hour => new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero),
        QuotaPeriod.Day => new DateTimeOffset(now.Year, now.Month, now.Day, 0, 0, 0, TimeSpan.Zero),
        _ => new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero),
    };

    /// <summary>When the period that began at <paramref name="start"/> ends.</summary>
    public DateTimeOffset EndOf(DateTimeOffset start) => Period switch
    {
        QuotaPeriod.Hour => start.AddHours(1),
        QuotaPeriod.Day => start.AddDays(1),
        _ => start.AddMonths(1),
    };

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Calls}/{Period.ToString().ToLowerInvariant()}");
}
