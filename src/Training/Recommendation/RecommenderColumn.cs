using System.Collections.Immutable;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>The users or the items that a recommender knows. Immutable, thread-safe.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Id, Text, Categorical or Integer.</param>
/// <param name="Ids">The known ones as text; position = code.</param>
public sealed record RecommenderColumn(string Name, ColumnType Type, ImmutableArray<string> Ids)
{
    private readonly Lazy<Dictionary<string, int>> _index = new(() =>
    {
        var index = new Dictionary<string, int>(Ids.Length, StringComparer.Ordinal);
        for (var i = 0; i < Ids.Length; i++) index.Add(Ids[i], i);
        return index;
    });

    /// <summary>The code of an id; the number of known ids where it is not among them.</summary>
    public int CodeOf(string? id) => id is null ? Ids.Length : _index.Value.GetValueOrDefault(id, Ids.Length);

    /// <summary>One code per row of a table, as <see cref="CodeOf"/>; unknown where the column is absent.</summary>
    /// <exception cref="GyreException">The column is of another kind.</exception>
    public int[] Codes(Table table)
    {
        var codes = new int[table.RowCount];
        if (!table.TryGet(Name, out var column)) codes.AsSpan().Fill(Ids.Length);
        else
        {
            var ids = IdText.Of(column);
            var known = Array.ConvertAll(ids.Names, name => CodeOf(name));
            for (var row = 0; row < codes.Length; row++)
                codes[row] = ids.Codes[row] < 0 ? Ids.Length : known[ids.Codes[row]];
        }

        return codes;
    }
}

/// <summary>A column of ids as codes into their distinct texts; −1 where missing or empty.</summary>
internal readonly record struct IdText(int[] Codes, string[] Names)
{
    /// <summary>The types that can name users and items.</summary>
    public static readonly ImmutableArray<ColumnType> Types =
        [ColumnType.Id, ColumnType.Text, ColumnType.Categorical, ColumnType.Integer];

    public static IdText Of(Column column) => column switch
    {
        CategoricalColumn texts => OfTexts(texts),
        Column<long> whole when column.Type == ColumnType.Integer => OfNumbers(whole),
        _ => throw GyreException.Invalid(
            $"Column '{column.Name}' is {column.Type}; users and items are named by ids, texts, "
            + "categories or whole numbers."),
    };

    private static IdText OfTexts(CategoricalColumn column)
    {
        var codes = column.Codes.ToArray();
        var empty = -1;
        for (var i = 0; i < column.Categories.Count; i++) empty = column.Categories[i].Length == 0 ? i : empty;
        if (empty >= 0) codes.AsSpan().Replace(empty, -1);
        return new IdText(codes, [.. column.Categories]);
    }

    private static IdText OfNumbers(Column<long> column)
    {
        var index = new Dictionary<long, int>();
        var names = new List<string>();
        var codes = new int[column.Length];
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.IsMissing(row)) codes[row] = -1;
            else if (!index.TryGetValue(column.Values[row], out codes[row]))
            {
                index.Add(column.Values[row], codes[row] = names.Count);
                names.Add(column.Values[row].ToString(CultureInfo.InvariantCulture));
            }
        }

        return new IdText(codes, [.. names]);
    }
}
