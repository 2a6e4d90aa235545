using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>The rows of a column cut into groups of like values; group 0 has the rows without one.</summary>
/// <param name="Rows">The group of each row.</param>
/// <param name="Count">The number of groups.</param>
internal sealed record ColumnGroups(int[] Rows, int Count)
{
    private const int MostNumberGroups = 256;

    public static ColumnGroups Of(Column column)
    {
        if (column is not CategoricalColumn strings) return OfNumbers(NumericView.Of(column));
        var groups = new int[column.Length];
        for (var i = 0; i < groups.Length; i++) groups[i] = strings.Codes[i] + 1;
        return new ColumnGroups(groups, strings.Categories.Count + 1);
    }

    // Few values: a group each. Many: groups of about equally many rows.
    private static ColumnGroups OfNumbers(double[] x)
    {
        var sorted = Array.FindAll(x, value => !double.IsNaN(value));
        Array.Sort(sorted);
        var edges = new List<double>();
        var distinct = sorted.Distinct().Take(MostNumberGroups + 1).ToArray();
        if (distinct.Length <= MostNumberGroups) edges.AddRange(distinct);
        else
        {
            for (var i = 1; i <= MostNumberGroups; i++)
            {
                var edge = sorted[(int)((long)i * sorted.Length / MostNumberGroups) - 1];
                if (edges.Count == 0 || edge > edges[^1]) edges.Add(edge);
            }
        }

        var upper = edges.ToArray();
        var groups = new int[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var at = double.IsNaN(x[i]) ? -1 : Array.BinarySearch(upper, x[i]);
            groups[i] = double.IsNaN(x[i]) ? 0 : (at < 0 ? ~at : at) + 1;
        }

        return new ColumnGroups(groups, upper.Length + 1);
    }
}
