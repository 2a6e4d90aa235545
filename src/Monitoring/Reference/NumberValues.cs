using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>Reads columns as numbers: false is 0, true is 1. NaN and infinities count as missing.</summary>
internal static class NumberValues
{
    /// <summary>The column's finite values, ascending, in an array of their own.</summary>
    public static double[] Sorted(Column column)
    {
        var values = new double[column.Length];
        var count = 0;
        for (var row = 0; row < column.Length; row++)
        {
            var value = At(column, row);
            if (double.IsFinite(value)) values[count++] = value;
        }

        Array.Resize(ref values, count);
        Array.Sort(values);
        return values;
    }

    private static double At(Column column, int row) => column switch
    {
        Column<double> numbers => numbers.Values[row],
        _ when column.IsMissing(row) => double.NaN,
        Column<long> whole => whole.Values[row],
        Column<bool> flags => flags.Values[row] ? 1 : 0,
        _ => throw new ArgumentException($"The {column.Type} column '{column.Name}' holds no numbers.", nameof(column)),
    };
}
