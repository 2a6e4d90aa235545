using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Any column of numbers as doubles; missing is NaN.</summary>
internal static class NumericView
{
    public static bool IsNumber(Column column) => column is Column<double> or Column<long> or Column<bool>;

    public static double[] Of(Column column)
    {
        var values = new double[column.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = column.IsMissing(i) ? double.NaN : column switch
            {
                Column<double> numbers => numbers.Values[i],
                Column<long> wholes => wholes.Values[i],
                Column<bool> booleans => booleans.Values[i] ? 1 : 0,
                _ => throw new ArgumentException($"A {column.Type} column holds no numbers.", nameof(column)),
            };
        }

        return values;
    }

    /// <summary>Whether values never fall, or never rise, and are not all the same.</summary>
    public static bool IsSorted(double[] x)
    {
        var (rises, falls) = (false, false);
        for (var i = 1; i < x.Length; i++)
        {
            rises |= x[i] > x[i - 1];
            falls |= x[i] < x[i - 1];
            if (rises && falls) return false;
        }

        return rises || falls;
    }
}
