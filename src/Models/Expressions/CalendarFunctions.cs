namespace Gyre.Models.Expressions;

/// <summary>DuckDB's functions of a timestamp.</summary>
internal sealed class CalendarFunctions(GraphMath math, Conversions conversions)
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = CivilCalendar.MicrosPerDay;

    private static readonly string[] Weekdays =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];

    private readonly CivilCalendar _calendar = new(math);

    /// <summary>The names of parts that are functions of one timestamp, and their synonyms.</summary>
    public static IReadOnlyDictionary<string, string> Parts { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["year"] = "year", ["month"] = "month", ["day"] = "day", ["dayofmonth"] = "day", ["quarter"] = "quarter",
        ["hour"] = "hour", ["minute"] = "minute", ["second"] = "second", ["millisecond"] = "millisecond",
        ["microsecond"] = "microsecond", ["dayofweek"] = "dayofweek", ["weekday"] = "dayofweek", ["isodow"] = "isodow",
        ["dayofyear"] = "dayofyear", ["week"] = "week", ["weekofyear"] = "week", ["isoyear"] = "isoyear",
        ["yearweek"] = "yearweek", ["epoch"] = "epoch", ["epoch_ms"] = "epoch_ms", ["epoch_us"] = "epoch_us",
    };

    /// <summary>More names that date_part and its kin take.</summary>
    private static readonly Dictionary<string, string> Specifiers = new(StringComparer.Ordinal)
    {
        ["y"] = "year", ["yr"] = "year", ["yrs"] = "year", ["years"] = "year", ["mon"] = "month", ["mons"] = "month",
        ["months"] = "month", ["d"] = "day", ["days"] = "day", ["quarters"] = "quarter", ["h"] = "hour",
        ["hr"] = "hour",
        ["hrs"] = "hour", ["hours"] = "hour", ["m"] = "minute", ["min"] = "minute", ["mins"] = "minute",
        ["minutes"] = "minute", ["s"] = "second", ["sec"] = "second", ["secs"] = "second", ["seconds"] = "second",
        ["ms"] = "millisecond", ["msec"] = "millisecond", ["milliseconds"] = "millisecond", ["us"] = "microsecond",
        ["usec"] = "microsecond", ["microseconds"] = "microsecond", ["dow"] = "dayofweek", ["doy"] = "dayofyear",
        ["w"] = "week", ["weeks"] = "week",
    };

    /// <summary>One part of a timestamp.</summary>
    public Operand Part(string function, string part, Operand time)
    {
        time = Time(function, time);
        var micros = time.Name;
        if (part == "epoch")
        {
            return time with
            {
                Name = math.Divide(math.ToNumber(micros), math.Number(Second)), Type = OperandType.Number,
            };
        }

        var days = _calendar.Days(micros);
        var value = part switch
        {
            "year" => _calendar.Year(days),
            "month" => _calendar.Month(days),
            "day" => _calendar.Day(days),
            "quarter" => _calendar.Quarter(days),
            "dayofweek" => _calendar.DayOfWeek(days),
            "isodow" => _calendar.IsoDayOfWeek(days),
            "dayofyear" => _calendar.DayOfYear(days),
            "week" => _calendar.IsoWeek(days),
            "isoyear" => _calendar.IsoYear(days),
            "yearweek" => math.Add(_calendar.Times(_calendar.IsoYear(days), 100), _calendar.IsoWeek(days)),
            "hour" => _calendar.Divide(_calendar.MicrosOfDay(micros), Hour),
            "minute" => _calendar.UnitOfDay(micros, Minute, 60),
            "second" => _calendar.UnitOfDay(micros, Second, 60),
            "millisecond" => _calendar.UnitOfDay(micros, 1_000, 60_000),
            "microsecond" => _calendar.UnitOfDay(micros, 1, Minute),
            "epoch_ms" => _calendar.Divide(micros, 1_000), // toward zero, as DuckDB divides
            "epoch_us" => micros,
            _ => throw Unknown(function, part),
        };
        return time with { Name = value, Type = OperandType.Integer };
    }

    /// <summary>date_part('part', time).</summary>
    public Operand Part(string function, Operand part, Operand time) => Part(function, Specifier(function, part), time);

    /// <summary>date_trunc('part', time).</summary>
    public Operand Truncate(string function, Operand part, Operand time)
    {
        time = Time(function, time);
        var micros = time.Name;
        var days = _calendar.Days(micros);
        var specifier = Specifier(function, part);
        var start = specifier switch
        {
            "year" => OfDays(_calendar.FromCivil(_calendar.Year(days), math.Integer(1))),
            "quarter" => OfDays(_calendar.FromCivil(
                _calendar.Year(days), _calendar.Plus(_calendar.Times(_calendar.Quarter(days), 3), -2))),
            "month" => OfDays(_calendar.FromCivil(_calendar.Year(days), _calendar.Month(days))),
            "week" => OfDays(_calendar.Monday(days)),
            "day" => OfDays(days),
            "hour" => Floor(micros, Hour),
            "minute" => Floor(micros, Minute),
            "second" => Floor(micros, Second),
            "millisecond" => Floor(micros, 1_000),
            "microsecond" => micros,
            _ => throw Unknown(function, specifier),
        };
        return time with { Name = start };
    }

    /// <summary>date_diff('part', start, end): boundaries crossed, as DuckDB counts them.</summary>
    public Operand Difference(string function, Operand part, Operand start, Operand end)
    {
        (start, end) = (Time(function, start), Time(function, end));
        var specifier = Specifier(function, part);

        // Weeks are not counted by their boundaries: DuckDB divides the difference in days.
        var unit = specifier == "week" ? "day" : specifier;
        var value = math.Subtract(Ordinal(function, unit, end.Name), Ordinal(function, unit, start.Name));
        if (specifier == "week") value = _calendar.Divide(value, 7);
        return new Operand(
            value, OperandType.Integer, conversions.OrNull(start.Null, end.Null), start.PerRow || end.PerRow);
    }

    public Operand WeekdayName(string function, Operand time) => Named(Part(function, "dayofweek", time), 0, Weekdays);

    public Operand MonthName(string function, Operand time) => Named(Part(function, "month", time), 1, Months);

    private Operand Named(Operand number, long first, string[] names) =>
        number with { Name = math.NameOf(number.Name, first, names), Type = OperandType.Text };

    private string Ordinal(string function, string part, string micros)
    {
        var days = _calendar.Days(micros);
        return part switch
        {
            "year" => _calendar.Year(days),
            "quarter" => math.Add(_calendar.Times(_calendar.Year(days), 4), _calendar.Quarter(days)),
            "month" => math.Add(_calendar.Times(_calendar.Year(days), 12), _calendar.Month(days)),
            "day" => days,
            "hour" => _calendar.FloorDivide(micros, Hour),
            "minute" => _calendar.FloorDivide(micros, Minute),
            "second" => _calendar.FloorDivide(micros, Second),
            "millisecond" => _calendar.FloorDivide(micros, 1_000),
            "microsecond" => micros,
            _ => throw Unknown(function, part),
        };
    }

    private string OfDays(string days) => _calendar.Times(days, Day);

    private string Floor(string micros, long unit) => _calendar.Times(_calendar.FloorDivide(micros, unit), unit);

    private Operand Time(string function, Operand value) => value.Type switch
    {
        OperandType.Time => value,
        OperandType.Unknown => conversions.Null(OperandType.Time),
        _ => throw new UnsupportedExpressionException($"{function}() needs a timestamp, not {value.Type}"),
    };

    private static string Specifier(string function, Operand part)
    {
        if (part.Literal is not string text)
            throw new UnsupportedExpressionException($"{function}() needs a constant part, such as 'hour'");
        var name = text.ToLowerInvariant();
        return Parts.GetValueOrDefault(name) ?? Specifiers.GetValueOrDefault(name) ?? throw Unknown(function, text);
    }

    private static UnsupportedExpressionException Unknown(string function, string part) =>
        new($"{function}('{part}') is not supported");
}
