namespace Gyre.Tabular;

/// <summary>A column of unmanaged values: <see cref="double"/>, <see cref="long"/> or <see cref="bool"/>.</summary>
/// <typeparam name="T">The value type.</typeparam>
public sealed class Column<T> : Column where T : unmanaged
{
    private readonly T[] _values;
    private readonly bool[]? _missing;

    /// <summary>Creates a column over arrays that it keeps.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">What the values mean; must fit <typeparamref name="T"/>.</param>
    /// <param name="values">One value per row.</param>
    /// <param name="missing">
    /// True where a row has no value; null when none is missing. Not for <see cref="double"/>, where NaN says so.
    /// </param>
    /// <exception cref="ArgumentException">The type does not fit, or the lengths differ.</exception>
    public Column(string name, ColumnType type, T[] values, bool[]? missing = null)
        : base(name, type, values.Length)
    {
        if (!Fits(type))
            throw new ArgumentException($"A {type} column is not held as {typeof(T).Name}.", nameof(type));
        if (missing is not null && (missing.Length != values.Length || typeof(T) == typeof(double)))
            throw new ArgumentException("The missing mask must be as long as the values; doubles use NaN.", nameof(missing));
        _values = values;
        _missing = missing is not null && missing.AsSpan().Contains(true) ? missing : null;
        MissingCount = CountMissing();
    }

    /// <summary>One value per row; where missing, NaN or the type's default.</summary>
    public ReadOnlySpan<T> Values => _values;

    /// <summary>The same values, for code that cannot hold a span (lambdas, parallel loops). Must not be written to.</summary>
    public ReadOnlyMemory<T> Memory => _values;

    /// <summary>True where a row has no value; empty when none is missing or when NaN says so.</summary>
    public ReadOnlySpan<bool> Missing => _missing;

    /// <inheritdoc/>
    public override int MissingCount { get; }

    /// <inheritdoc/>
    public override bool IsMissing(int row) =>
        _values is double[] numbers ? double.IsNaN(numbers[row]) : _missing is not null && _missing[row];

    /// <inheritdoc/>
    public override object? ValueAt(int row) => IsMissing(row) ? null : _values[row];

    /// <inheritdoc/>
    public override Column Take(ReadOnlySpan<int> rows)
    {
        var values = new T[rows.Length];
        for (var i = 0; i < rows.Length; i++) values[i] = _values[rows[i]];
        if (_missing is null) return new Column<T>(Name, Type, values);
        var missing = new bool[rows.Length];
        for (var i = 0; i < rows.Length; i++) missing[i] = _missing[rows[i]];
        return new Column<T>(Name, Type, values, missing);
    }

    /// <inheritdoc/>
    public override Column Rename(string name) => new Column<T>(name, Type, _values, _missing);

    private static bool Fits(ColumnType type) => type switch
    {
        ColumnType.Numeric => typeof(T) == typeof(double),
        ColumnType.Integer or ColumnType.Timestamp => typeof(T) == typeof(long),
        ColumnType.Boolean => typeof(T) == typeof(bool),
        _ => false,
    };

    private int CountMissing()
    {
        var count = 0;
        if (_values is double[] numbers)
        {
            foreach (var number in numbers) count += double.IsNaN(number) ? 1 : 0;
            return count;
        }

        foreach (var missing in Missing) count += missing ? 1 : 0;
        return count;
    }
}
