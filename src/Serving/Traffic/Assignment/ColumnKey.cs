using System.Globalization;
using Gyre.Serving.Engine;
using Gyre.Tabular;

namespace Gyre.Serving.Traffic.Assignment;

/// <summary>
/// The request key in a column of its inputs: one text for one value, whatever protocol and datatype carried it.
/// </summary>
internal static class ColumnKey
{
    /// <summary>The first value of a column; null when no row has one, or there is no such column.</summary>
    public static string? Of(ModelInputs inputs, string? name)
    {
        if (inputs is not TableInputs table) return null;
        foreach (var column in table.Table.Columns)
        {
            if (column.Name != name) continue;
            for (var row = 0; row < inputs.Rows; row++)
            {
                if (!column.IsMissing(row)) return Text(column, row);
            }
        }

        return null;
    }

    private static string? Text(Column column, int row) => column switch
    {
        CategoricalColumn texts => texts.StringAt(row),
        Column<long> integers => integers.Values[row].ToString(CultureInfo.InvariantCulture),
        Column<double> numbers => numbers.Values[row].ToString("R", CultureInfo.InvariantCulture),
        Column<bool> flags => flags.Values[row] ? "true" : "false",
        _ => null,
    };
}
