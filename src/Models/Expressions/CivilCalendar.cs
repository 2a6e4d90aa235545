namespace Gyre.Models.Expressions;

/// <summary>
/// The proleptic Gregorian calendar in int64 nodes, exact for every microsecond of DuckDB's range. Year, month and day
/// follow H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras have 400 of them. Days
/// are
/// first shifted by whole eras so that every dividend is positive and truncating division is floor division.
/// </summary>
internal sealed class CivilCalendar(GraphMath math)
{
    public const long MicrosPerDay = 86_400_000_000;

    private const long DaysPerEra = 146_097;
    private const long DaysFrom0000To1970 = 719_468;
    private const long ShiftedEras = 1_000;

    /// <summary>Whole days since 1970-01-01, rounded down.</summary>
    public string Days(string micros) => FloorDivide(micros, MicrosPerDay);

    /// <summary>Microseconds since midnight, 0 to 86,399,999,999.</summary>
    public string MicrosOfDay(string micros) =>
        math.Subtract(micros, math.Multiply(Days(micros), math.Integer(MicrosPerDay)));

    /// <summary>Units of a length since midnight, modulo how many there are in the next larger one.</summary>
    public string UnitOfDay(string micros, long length, long modulus) =>
        Modulo(Divide(MicrosOfDay(micros), length), modulus);

    /// <summary>0 for Sunday to 6 for Saturday.</summary>
    public string DayOfWeek(string days) => FloorModulo(Plus(days, 4), 7);

    /// <summary>1 for Monday to 7 for Sunday.</summary>
    public string IsoDayOfWeek(string days) => Plus(FloorModulo(Plus(days, 3), 7), 1);

    public string Year(string days)
    {
        var januaryOrFebruary = math.Less(math.Integer(9), MarchMonth(days));
        return math.Add(Plus(MarchYear(days), -400 * ShiftedEras), math.ToInteger(januaryOrFebruary));
    }

    /// <summary>1 to 12.</summary>
    public string Month(string days)
    {
        var month = MarchMonth(days);
        return math.Where(math.Less(month, math.Integer(10)), Plus(month, 3), Plus(month, -9));
    }

    /// <summary>1 to 31.</summary>
    public string Day(string days) => Plus(math.Subtract(MarchDayOfYear(days), MonthStart(MarchMonth(days))), 1);

    /// <summary>1 to 4.</summary>
    public string Quarter(string days) => Divide(Plus(Month(days), 2), 3);

    /// <summary>1 to 366.</summary>
    public string DayOfYear(string days) => Plus(math.Subtract(days, FromCivil(Year(days), math.Integer(1))), 1);

    /// <summary>The Thursday of the day's ISO week decides its year and number (ISO 8601).</summary>
    public string IsoYear(string days) => Year(Thursday(days));

    /// <summary>1 to 53.</summary>
    public string IsoWeek(string days) => Plus(Divide(Plus(DayOfYear(Thursday(days)), -1), 7), 1);

    /// <summary>The Monday of the day's week.</summary>
    public string Monday(string days) => Plus(math.Subtract(days, IsoDayOfWeek(days)), 1);

    /// <summary>Days since 1970-01-01 of the first day of a month.</summary>
    public string FromCivil(string year, string month)
    {
        var afterFebruary = math.Less(math.Integer(2), month);
        var marchYear = math.Add(Plus(year, (400 * ShiftedEras) - 1), math.ToInteger(afterFebruary));
        var marchMonth = math.Where(afterFebruary, Plus(month, -3), Plus(month, 9));
        var era = Divide(marchYear, 400);
        var yearOfEra = math.Subtract(marchYear, Times(era, 400));
        var dayOfEra = math.Add(LeapDays(Times(yearOfEra, 365), yearOfEra), MonthStart(marchMonth));
        return Plus(math.Add(Times(era, DaysPerEra), dayOfEra), -DaysFrom0000To1970 - (ShiftedEras * DaysPerEra));
    }

    public string FloorDivide(string value, long divisor)
    {
        var quotient = Divide(value, divisor);
        var below = math.Less(math.Subtract(value, Times(quotient, divisor)), math.Integer(0));
        return math.Subtract(quotient, math.ToInteger(below));
    }

    public string Divide(string value, long divisor) => math.Divide(value, math.Integer(divisor));

    public string Times(string value, long factor) => math.Multiply(value, math.Integer(factor));

    public string Plus(string value, long summand) => math.Add(value, math.Integer(summand));

    private string Modulo(string value, long divisor) => math.Remainder(value, math.Integer(divisor));

    /// <summary>With the divisor's sign, as node Mod has it without fmod.</summary>
    private string FloorModulo(string value, long divisor) => math.Graph.Node("Mod", [value, math.Integer(divisor)]);

    private string Thursday(string days) => Plus(Monday(days), 3);

    private string Shifted(string days) => Plus(days, DaysFrom0000To1970 + (ShiftedEras * DaysPerEra));

    private string Era(string days) => Divide(Shifted(days), DaysPerEra);

    private string DayOfEra(string days) => math.Subtract(Shifted(days), Times(Era(days), DaysPerEra));

    private string YearOfEra(string days)
    {
        var day = DayOfEra(days);
        var years =
            math.Subtract(math.Add(math.Subtract(day, Divide(day, 1_460)), Divide(day, 36_524)), Divide(day, 146_096));
        return Divide(years, 365);
    }

    private string MarchYear(string days) => math.Add(YearOfEra(days), Times(Era(days), 400));

    private string MarchDayOfYear(string days)
    {
        var year = YearOfEra(days);
        return math.Subtract(DayOfEra(days), LeapDays(Times(year, 365), year));
    }

    private string LeapDays(string days, string year) =>
        math.Subtract(math.Add(days, Divide(year, 4)), Divide(year, 100));

    /// <summary>0 for March to 11 for February.</summary>
    private string MarchMonth(string days) => Divide(Plus(Times(MarchDayOfYear(days), 5), 2), 153);

    private string MonthStart(string marchMonth) => Divide(Plus(Times(marchMonth, 153), 2), 5);
}
