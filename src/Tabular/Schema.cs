using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Gyre.Tabular;

/// <summary>An ordered list of uniquely named columns. Immutable, thread-safe.</summary>
public sealed class Schema : IReadOnlyList<ColumnDefinition>, IEquatable<Schema>
{
    private readonly ImmutableArray<ColumnDefinition> _columns;
    private readonly Dictionary<string, int> _index;

    /// <summary>Creates a schema.</summary>
    /// <exception cref="ArgumentException">Two columns share a name, or a name is empty.</exception>
    public Schema(IEnumerable<ColumnDefinition> columns)
    {
        _columns = [.. columns];
        _index = new Dictionary<string, int>(_columns.Length, StringComparer.Ordinal);
        for (var i = 0; i < _columns.Length; i++)
        {
            if (_columns[i].Name.Length == 0) throw new ArgumentException($"Column {i + 1} has no name.", nameof(columns));
            if (!_index.TryAdd(_columns[i].Name, i))
                throw new ArgumentException($"Two columns are named '{_columns[i].Name}'.", nameof(columns));
        }
    }

    /// <summary>The number of columns.</summary>
    public int Count => _columns.Length;

    /// <summary>The column at a position, from 0.</summary>
    public ColumnDefinition this[int index] => _columns[index];

    /// <summary>The column of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public ColumnDefinition this[string name] =>
        TryGet(name, out var column) ? column : throw new KeyNotFoundException($"There is no column '{name}'.");

    /// <summary>The position of a name, or -1.</summary>
    public int IndexOf(string name) => _index.GetValueOrDefault(name, -1);

    /// <summary>Whether a column of that name exists.</summary>
    public bool Contains(string name) => _index.ContainsKey(name);

    /// <summary>Finds a column by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ColumnDefinition? column)
    {
        column = _index.TryGetValue(name, out var i) ? _columns[i] : null;
        return column is not null;
    }

    /// <summary>The named columns, in the order given.</summary>
    public Schema Select(IEnumerable<string> names) => new(names.Select(name => this[name]));

    /// <inheritdoc/>
    public IEnumerator<ColumnDefinition> GetEnumerator() => ((IEnumerable<ColumnDefinition>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Schema? other) => other is not null && _columns.SequenceEqual(other._columns);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        _columns.Aggregate(0, (hash, column) => HashCode.Combine(hash, column));
}
