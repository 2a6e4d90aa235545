using System.Text.Json.Serialization;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>One column of a <see cref="ReferenceProfile"/>. Holds either numbers or categories.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">Numeric, Integer, Boolean or Categorical.</param>
/// <param name="Rows">The rows it was made of.</param>
/// <param name="Missing">How many of them had no value.</param>
/// <param name="Numbers">The distribution of a Numeric, Integer or Boolean (0 and 1) column.</param>
/// <param name="Categories">The distribution of a Categorical column.</param>
public sealed record ReferenceColumn(
    string Name,
    ColumnType Type,
    long Rows,
    long Missing,
    NumberDistribution? Numbers = null,
    CategoryDistribution? Categories = null)
{
    /// <summary>The share of rows without a value, 0 to 1.</summary>
    [JsonIgnore]
    public double MissingShare => Rows == 0 ? 0 : (double)Missing / Rows;

    /// <summary>Whether what was read has all that the type needs.</summary>
    [JsonIgnore]
    internal bool IsWhole => (Numbers?.IsWhole ?? false) || (Categories?.IsWhole ?? false);

    internal static ReferenceColumn? Create(Column column, int bins)
    {
        if (column.Type is ColumnType.Timestamp or ColumnType.Text or ColumnType.Id or ColumnType.Image) return null;
        if (column is CategoricalColumn categorical)
        {
            return new ReferenceColumn(column.Name, column.Type, column.Length, column.MissingCount,
                Categories: CategoryDistribution.Create(categorical));
        }

        var sorted = NumberValues.Sorted(column);
        return new ReferenceColumn(column.Name, column.Type, column.Length, column.Length - sorted.Length,
            Numbers: NumberDistribution.Create(sorted, bins));
    }
}
