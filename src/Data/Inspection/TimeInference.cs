using System.Globalization;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Finds the column that orders rows in time, and its gaps.</summary>
internal static class TimeInference
{
    private const double RegularShare = 0.8;

    /// <exception cref="GyreException">The named column is absent or no timestamp.</exception>
    public static string? Choose(string? named, IReadOnlyList<ColumnProfile> profiles, string place)
    {
        if (named is not null)
        {
            var found = profiles.FirstOrDefault(p => p.Name == named) ?? throw GyreException.Invalid(
                $"{place}: there is no time column '{named}'{ColumnNames.Hint(profiles.Select(p => p.Name), named)}");
            return found.Type == ColumnType.Timestamp
                ? named
                : throw GyreException.Invalid($"{place}: the time column '{named}' is {found.Type}, not Timestamp");
        }

        // A date of birth is a Timestamp too: only a lone column is taken for the rows' time.
        var times = profiles.Where(p => p.Type == ColumnType.Timestamp && p.Distinct > 1).ToList();
        return times is [var only] ? only.Name : null;
    }

    /// <summary>A warning when most steps are equal and some are missing.</summary>
    public static DataWarning? Gaps(SqlEngine engine, string table, string time)
    {
        var name = SqlText.Name(time);
        var answer = engine.Query($"""
            WITH steps AS (
              SELECT moment, moment - lag(moment) OVER (ORDER BY moment) AS step
              FROM (SELECT DISTINCT epoch_us({name}) AS moment FROM {table} WHERE {name} IS NOT NULL)),
            usual AS (SELECT median(step)::BIGINT AS step FROM steps WHERE step IS NOT NULL)
            SELECT usual.step AS usual, count(*) AS steps, count_if(steps.step = usual.step) AS regular,
              count_if(steps.step > 1.5 * usual.step) AS gaps,
              sum(CASE WHEN steps.step > 1.5 * usual.step THEN round(steps.step / usual.step) - 1 ELSE 0 END)::BIGINT AS absent,
              max(steps.step) AS longest, arg_max(moment - steps.step, steps.step) AS since
            FROM steps, usual WHERE steps.step IS NOT NULL GROUP BY usual.step
            """);
        if (answer.RowCount == 0) return null;
        long Of(string column) => (long)(answer[column].ValueAt(0) ?? 0L);
        if (Of("gaps") == 0 || Of("regular") < RegularShare * Of("steps")) return null;
        var since = DateTimeOffset.UnixEpoch.AddTicks(Of("since") * TimeSpan.TicksPerMicrosecond);
        return DataWarning.About("time-gaps", time, string.Create(CultureInfo.InvariantCulture,
            $"'{time}' steps by {Span(Of("usual"))}; {Of("absent")} steps are absent in {Of("gaps")} gaps, the longest {Span(Of("longest"))} from {since:yyyy-MM-dd HH:mm}"));
    }

    private static string Span(long microseconds)
    {
        var span = TimeSpan.FromMicroseconds(microseconds);
        var (value, unit) = span switch
        {
            { TotalDays: >= 1 } => (span.TotalDays, "d"),
            { TotalHours: >= 1 } => (span.TotalHours, "h"),
            { TotalMinutes: >= 1 } => (span.TotalMinutes, "min"),
            _ => (span.TotalSeconds, "s"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.###} {unit}");
    }
}
