using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training.Recommendation;

/// <summary>
/// Who had what, and how they rated it, sorted by user and by item. Users stand in ordinal order; items by how many
/// users
/// had them, most first, then in ordinal order, so that a lower code wins a tie by popularity. Rows of the same user
/// and item
/// are one entry: its value is their weighted mean, its weight their sum. Rows of weight 0 do not count. Immutable.
/// </summary>
internal sealed class Interactions
{
    private Interactions(RecommenderColumn users, RecommenderColumn items, Links byUser, Links byItem, bool isImplicit) =>
        (Users, Items, ByUser, ByItem, IsImplicit) = (users, items, byUser, byItem, isImplicit);

    public RecommenderColumn Users { get; }

    public RecommenderColumn Items { get; }

    public Links ByUser { get; }

    public Links ByItem { get; }

    /// <summary>Whether nobody rated: that a user had an item is all there is to know.</summary>
    public bool IsImplicit { get; }

    public int Count => ByUser.Others.Length;

    /// <summary>The weighted mean value.</summary>
    public double Mean { get; private init; }

    /// <summary>Reads the first two features of a set: the user and the item.</summary>
    /// <exception cref="GyreException">There are not two features, an id is missing, or there is one item
    /// only.</exception>
    public static Interactions Of(TrainingSet set)
    {
        if (set.Features.Columns.Count != 2)
        {
            throw GyreException.Invalid(
                $"A recommendation has two features, the user and the item; there are {set.Features.Columns.Count}.");
        }

        var (userColumn, itemColumn) = (set.Features.Columns[0], set.Features.Columns[1]);
        RefuseMissing(userColumn);
        RefuseMissing(itemColumn);
        var isImplicit = set.TargetName == itemColumn.Name;
        var entries = Merge(IdText.Of(userColumn), IdText.Of(itemColumn), set, isImplicit);
        var users = Name(userColumn, entries.UserNames,
            (a, b) => string.CompareOrdinal(entries.UserNames[a], entries.UserNames[b]));
        var counts = new int[entries.ItemNames.Length];
        foreach (var item in entries.Items) counts[item]++;
        var items = Name(itemColumn, entries.ItemNames, (a, b) => counts[a] != counts[b]
            ? counts[b].CompareTo(counts[a]) : string.CompareOrdinal(entries.ItemNames[a], entries.ItemNames[b]));
        if (items.Column.Ids.Length < 2)
        {
            throw GyreException.Invalid(
                $"Column '{itemColumn.Name}' names {items.Column.Ids.Length} item; there is nothing to choose from.");
        }

        var userCodes = Array.ConvertAll(entries.Users, u => users.Position[u]);
        var itemCodes = Array.ConvertAll(entries.Items, i => items.Position[i]);
        double sum = 0, weight = 0;
        for (var k = 0; k < entries.Values.Length; k++)
        {
            sum += entries.Weights[k] * entries.Values[k];
            weight += entries.Weights[k];
        }

        return new Interactions(users.Column, items.Column,
            Links.Create(userCodes, itemCodes, entries.Values, entries.Weights, users.Column.Ids.Length),
            Links.Create(itemCodes, userCodes, entries.Values, entries.Weights, items.Column.Ids.Length), isImplicit)
        {
            Mean = sum / weight,
        };
    }

    private static void RefuseMissing(Column column)
    {
        var codes = IdText.Of(column).Codes;
        var row = Array.FindIndex(codes, code => code < 0);
        if (row < 0) return;
        throw GyreException.Invalid(
            $"Column '{column.Name}' has no value in {codes.Count(code => code < 0)} rows (the first is row {row + 1}); "
            + "every row needs a user and an item.");
    }

    /// <summary>Gives the names that occur their final order.</summary>
    private static (RecommenderColumn Column, int[] Position) Name(Column column, string[] names, Comparison<int> order)
    {
        var sorted = Enumerable.Range(0, names.Length).ToArray();
        Array.Sort(sorted, order);
        var position = new int[names.Length];
        for (var i = 0; i < sorted.Length; i++) position[sorted[i]] = i;
        return (new RecommenderColumn(column.Name, column.Type, [.. sorted.Select(i => names[i])]), position);
    }

    private static Entries Merge(IdText users, IdText items, TrainingSet set, bool isImplicit)
    {
        var (userNames, itemNames) = (new Compactor(users.Names), new Compactor(items.Names));
        var index = new Dictionary<(int, int), int>(set.RowCount);
        var entries = (
            Users: new List<int>(), Items: new List<int>(), Sums: new List<double>(), Weights: new List<double>());
        for (var row = 0; row < set.RowCount; row++)
        {
            var weight = set.Weights.IsEmpty ? 1 : set.Weights[row];
            if (weight == 0) continue;
            var (user, item) = (userNames.CodeOf(users.Codes[row]), itemNames.CodeOf(items.Codes[row]));
            if (!index.TryGetValue((user, item), out var at))
            {
                index.Add((user, item), at = entries.Users.Count);
                entries.Users.Add(user);
                entries.Items.Add(item);
                entries.Sums.Add(0);
                entries.Weights.Add(0);
            }

            entries.Sums[at] += weight * (isImplicit ? 1 : set.Target[row]);
            entries.Weights[at] += weight;
        }

        var values = entries.Sums.Zip(entries.Weights, (sum, weight) => sum / weight).ToArray();
        return new Entries(
            [.. entries.Users], [.. entries.Items], values, [.. entries.Weights], userNames.Names, itemNames.Names);
    }

    private sealed record Entries(
        int[] Users, int[] Items, double[] Values, double[] Weights, string[] UserNames, string[] ItemNames);

    /// <summary>Leaves out names that no row has.</summary>
    private sealed class Compactor(string[] names)
    {
        private readonly int[] _codes = new int[names.Length];
        private readonly List<string> _names = [];

        public string[] Names => [.. _names];

        public int CodeOf(int code)
        {
            if (_codes[code] == 0)
            {
                _names.Add(names[code]);
                _codes[code] = _names.Count;
            }

            return _codes[code] - 1;
        }
    }
}

/// <summary>The entries of each user (or item), in ascending order of the other side's codes.</summary>
/// <param name="Starts">Owner o has the entries Starts[o] to Starts[o + 1] − 1.</param>
/// <param name="Others">The other side of each entry.</param>
/// <param name="Values">The value of each entry.</param>
/// <param name="Weights">The weight of each entry.</param>
internal sealed record Links(int[] Starts, int[] Others, double[] Values, double[] Weights)
{
    public int Owners => Starts.Length - 1;

    public int CountOf(int owner) => Starts[owner + 1] - Starts[owner];

    public ReadOnlySpan<int> OthersOf(int owner) => Others.AsSpan(Starts[owner], CountOf(owner));

    public static Links Create(int[] owners, int[] others, double[] values, double[] weights, int count)
    {
        var order = Enumerable.Range(0, owners.Length).ToArray();
        Array.Sort(order, (a, b) => owners[a] != owners[b]
            ? owners[a].CompareTo(owners[b]) : others[a].CompareTo(others[b]));
        var starts = new int[count + 1];
        foreach (var owner in owners) starts[owner + 1]++;
        for (var i = 0; i < count; i++) starts[i + 1] += starts[i];
        return new Links(starts, Array.ConvertAll(order, k => others[k]), Array.ConvertAll(order, k => values[k]),
            Array.ConvertAll(order, k => weights[k]));
    }
}
