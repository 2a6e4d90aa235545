namespace Gyre.Data.Sources;

/// <summary>Names columns in messages.</summary>
internal static class ColumnNames
{
    private const int Most = 12;

    /// <summary>What the reader may have meant: `; did you mean 'cnt'?` or the first names there are.</summary>
    public static string Hint(IEnumerable<string> names, string wanted)
    {
        var all = names.ToList();
        var near = all.FirstOrDefault(name => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase));
        if (near is not null) return $"; did you mean '{near}'?";
        return $"; there are: {List(all)}";
    }

    /// <summary>The names, the first dozen at most.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(Most)) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
}
