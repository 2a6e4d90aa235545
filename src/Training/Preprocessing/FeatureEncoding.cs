using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// The door between columns and models. Numeric, integer and boolean columns become float32 (true is 1, missing is
/// NaN); categorical columns become positions in a list of categories. An empty string counts as missing.
/// </summary>
public static class FeatureEncoding
{
    /// <summary>The position given to a missing value.</summary>
    public const int Missing = -1;

    /// <summary>The position given to a value that is not in the list.</summary>
    public const int Unknown = -2;

    /// <summary>A column's values as float32, one per row; NaN where missing.</summary>
    /// <exception cref="GyreException">The column holds no numbers.</exception>
    public static float[] Numbers(Column column)
    {
        RequireNumbers(column);
        var values = new float[column.Length];
        switch (column)
        {
            case Column<double> numbers:
                for (var i = 0; i < values.Length; i++) values[i] = (float)numbers.Values[i];
                return values;
            case Column<long> whole when column.Type == ColumnType.Integer:
                for (var i = 0; i < values.Length; i++) values[i] = whole.Values[i];
                break;
            case Column<bool> flags:
                for (var i = 0; i < values.Length; i++) values[i] = flags.Values[i] ? 1 : 0;
                break;
        }

        if (column.MissingCount > 0)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (column.IsMissing(i)) values[i] = float.NaN;
            }
        }

        return values;
    }

    /// <summary>
    /// A categorical column's values as positions in <paramref name="categories"/>, one per row; <see cref="Missing"/>
    /// or <see cref="Unknown"/> where there is none.
    /// </summary>
    /// <exception cref="GyreException">The column is not categorical.</exception>
    public static int[] Codes(Column column, IReadOnlyList<string> categories)
    {
        var map = CategoryMap(column, categories);
        var source = (CategoricalColumn)column; // the map is of one
        var codes = new int[source.Length];
        for (var row = 0; row < codes.Length; row++)
            codes[row] = source.Codes[row] is var code and not CategoricalColumn.MissingCode ? map[code] : Missing;
        return codes;
    }

    /// <summary>What each code of a categorical column becomes: its name's position, <see cref="Missing"/> or
    /// <see cref="Unknown"/>.</summary>
    /// <exception cref="GyreException">The column is not categorical.</exception>
    internal static int[] CategoryMap(Column column, IReadOnlyList<string> categories)
    {
        if (column is not CategoricalColumn source)
            throw GyreException.Invalid($"Column '{column.Name}' is {column.Type}; the model needs categories there.");
        var index = new Dictionary<string, int>(categories.Count, StringComparer.Ordinal);
        for (var i = 0; i < categories.Count; i++) index.Add(categories[i], i);
        var map = new int[source.Categories.Count];
        for (var i = 0; i < map.Length; i++)
        {
            var name = source.Categories[i];
            map[i] = name.Length == 0 ? Missing : index.GetValueOrDefault(name, Unknown);
        }

        return map;
    }

    /// <exception cref="GyreException">The column holds no numbers.</exception>
    internal static void RequireNumbers(Column column)
    {
        if (column is Column<double> or Column<bool> || column is Column<long> && column.Type == ColumnType.Integer) return;
        throw GyreException.Invalid($"Column '{column.Name}' is {column.Type}; the model needs numbers there.");
    }

    /// <summary>
    /// The categories of a column worth a place: the most frequent up to a limit, in ordinal order of their names.
    /// </summary>
    internal static string[] ChooseCategories(CategoricalColumn column, int limit)
    {
        var counts = new int[column.Categories.Count];
        foreach (var code in column.Codes)
        {
            if (code >= 0) counts[code]++;
        }

        return Enumerable.Range(0, counts.Length)
            .Where(c => counts[c] > 0 && column.Categories[c].Length > 0)
            .OrderByDescending(c => counts[c]).ThenBy(c => column.Categories[c], StringComparer.Ordinal)
            .Take(limit)
            .Select(c => column.Categories[c])
            .Order(StringComparer.Ordinal)
            .ToArray();
    }

    internal static Column Find(Table table, string name) =>
        table.TryGet(name, out var column)
            ? column
            : throw GyreException.Invalid($"The model needs a column '{name}', which is absent.");
}
