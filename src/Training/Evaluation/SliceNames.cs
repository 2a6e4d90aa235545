using System.Globalization;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Values of columns as numbers, and in words.</summary>
internal static class SliceNames
{
    /// <summary>A value as a number: false is 0, a time its microseconds; NaN where missing.</summary>
    public static double Number(Column column, int row) => column switch
    {
        _ when column.IsMissing(row) => double.NaN,
        Column<double> numbers => numbers.Values[row],
        Column<long> whole => whole.Values[row],
        Column<bool> flags => flags.Values[row] ? 1 : 0,
        _ => double.NaN,
    };

    public static string Value(Column column, double value) => column.Type switch
    {
        ColumnType.Boolean => value == 0 ? "false" : "true",
        ColumnType.Timestamp => DateTimeOffset.UnixEpoch.AddMicroseconds((long)value)
            .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        _ => value.ToString(Math.Abs(value) is >= 1e5 or < 1e-3 and > 0 ? "0.####e0" : "0.####", CultureInfo.InvariantCulture),
    };

    public static string Range(Column column, double from, double to, bool isFirst) =>
        isFirst ? $"{Value(column, from)} to {Value(column, to)}" : $"above {Value(column, from)} to {Value(column, to)}";
}
