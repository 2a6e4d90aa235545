using System.Diagnostics.CodeAnalysis;

namespace Gyre.Tabular;

/// <summary>Columns of equal length under one <see cref="Tabular.Schema"/>. Immutable; thread-safe to read.</summary>
public sealed class Table
{
    private readonly Column[] _columns;

    /// <summary>Creates a table whose schema follows from the columns: a column is nullable when a value is missing.</summary>
    /// <exception cref="ArgumentException">Lengths differ or names repeat.</exception>
    public Table(IEnumerable<Column> columns)
    {
        _columns = [.. columns];
        Schema = new Schema(_columns.Select(c => new ColumnDefinition(c.Name, c.Type, c.MissingCount > 0)
        {
            Image = (c as ImageColumn)?.Shape,
        }));
        RowCount = _columns.Length == 0 ? 0 : _columns[0].Length;
        foreach (var column in _columns)
        {
            if (column.Length != RowCount)
            {
                throw new ArgumentException(
                    $"Column '{column.Name}' has {column.Length} rows, the first has {RowCount}.", nameof(columns));
            }
        }
    }

    /// <summary>
    /// Creates a table under a schema that many tables share, such as the rows of one request: nothing is derived again.
    /// </summary>
    /// <param name="schema">Says of a column at least as much as its values do: it may be nullable without a gap.</param>
    /// <param name="columns">In schema order; the table keeps the array.</param>
    /// <exception cref="ArgumentException">Names, types or lengths differ.</exception>
    public Table(Schema schema, Column[] columns)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Length != schema.Count)
            throw new ArgumentException($"{columns.Length} columns for a schema of {schema.Count}.", nameof(columns));
        RowCount = columns.Length == 0 ? 0 : columns[0].Length;
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Name != schema[i].Name || columns[i].Type != schema[i].Type || columns[i].Length != RowCount)
            {
                throw new ArgumentException(
                    $"Column {i + 1} is '{columns[i].Name}' ({columns[i].Type}, {columns[i].Length} rows), not "
                    + $"'{schema[i].Name}' ({schema[i].Type}, {RowCount} rows).", nameof(columns));
            }
        }

        _columns = columns;
        Schema = schema;
    }

    /// <summary>Names and types, in column order.</summary>
    public Schema Schema { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The columns, in schema order.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>The column at a position of the schema; for loops in which <see cref="Columns"/> would cost more.</summary>
    /// <exception cref="IndexOutOfRangeException">There are not so many.</exception>
    public Column ColumnAt(int position) => _columns[position];

    /// <summary>The column of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Column this[string name] =>
        TryGet(name, out var column) ? column : throw new KeyNotFoundException($"There is no column '{name}'.");

    /// <summary>Finds a column by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Column? column)
    {
        var i = Schema.IndexOf(name);
        column = i < 0 ? null : _columns[i];
        return column is not null;
    }

    /// <summary>The rows at the given positions, in that order.</summary>
    public Table Take(ReadOnlySpan<int> rows)
    {
        var taken = new Column[_columns.Length];
        for (var i = 0; i < taken.Length; i++) taken[i] = _columns[i].Take(rows);
        return new Table(taken);
    }

    /// <summary>The named columns, in the order given.</summary>
    /// <exception cref="KeyNotFoundException">One does not exist.</exception>
    public Table Select(IEnumerable<string> names) => new(names.Select(name => this[name]));

    /// <summary>This table without the named columns; names that do not exist are ignored.</summary>
    public Table Without(params IEnumerable<string> names)
    {
        var drop = names.ToHashSet(StringComparer.Ordinal);
        return new Table(_columns.Where(c => !drop.Contains(c.Name)));
    }

    /// <summary>This table with more columns behind its own.</summary>
    public Table With(params IEnumerable<Column> columns) => new(_columns.Concat(columns));
}
