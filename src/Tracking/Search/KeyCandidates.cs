using System.Data.Common;

namespace Gyre.Tracking.Search;

/// <summary>
/// The runs at the top of the order by one metric, parameter or tag, read from its table alone. For one search.
/// </summary>
internal sealed class KeyCandidates
{
    private readonly DbConnection _connection;
    private readonly Ordering _first;
    private readonly List<Comparison> _same;
    private readonly string _from;
    private readonly List<(string Id, bool IsNan, object Value)> _found = [];

    private KeyCandidates(DbConnection connection, IReadOnlyList<Comparison> clauses, Ordering first, long runs)
    {
        (_connection, _first) = (connection, first);
        _same = [.. clauses.Where(clause => RunCandidates.IsOf(clause, first))];
        var table = RunSearch.TableOf(first.Kind) ?? throw new ArgumentOutOfRangeException(nameof(first), first, null);
        _from = $"{table.Name} f{RunCandidates.TableHint(connection, first.Kind, table, runs)}";
    }

    /// <summary>Finds them, or null where they would not help.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="clauses">The filter; of it those on the key count.</param>
    /// <param name="first">What the search orders by first: a metric, a parameter or a tag.</param>
    /// <param name="token">Where the page begins; null at the beginning.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="runs">How many runs there are; needed for other keys than metrics.</param>
    public static RunCandidates? Find(
        DbConnection connection, IReadOnlyList<Comparison> clauses, Ordering first, PageToken? token, long count,
        long runs)
    {
        var candidates = new KeyCandidates(connection, clauses, first, runs);
        return candidates.Read(token, count) ? candidates.Among(count) : null;
    }

    /// <summary>False where nothing but nulls is left.</summary>
    private bool Read(PageToken? token, long count)
    {
        if (_first.Kind != FieldKind.Metric) return Read(null, token?.After, count);
        // Numbers, then NaN: one after the other, so that each is read in the index's order.
        var atNan = token?.After is ["1", ..];
        if (!atNan && !Read(false, token?.After, count)) return false;
        return _found.Count >= count || Read(true, atNan ? token?.After : null, count);
    }

    private bool Read(bool? nan, string?[]? after, long count)
    {
        var sql = SqlText.For(_connection);
        var conditions = new List<string> { $"f.key = {sql.Bind(_first.Key)}", "f.value IS NOT NULL" };
        if (nan is { } isNan) conditions.Add($"f.is_nan = {sql.Bind(isNan)}");
        conditions.AddRange(_same.Select(clause => sql.Compare("f.value", clause)));
        if (after is not null)
        {
            if (Begin(sql, after) is not { } begin) return false;
            conditions.Add(begin);
        }

        using var command = sql.Command(_connection,
            $"SELECT f.run_uuid, f.value FROM {_from} WHERE {string.Join(" AND ", conditions)} " +
            $"ORDER BY f.value{(_first.Descending ? " DESC" : "")} LIMIT {sql.Bind(count - _found.Count)}");
        using var reader = command.ExecuteReader();
        while (reader.Read()) _found.Add((reader.GetString(0), nan == true, reader.GetValue(1)));
        return true;
    }

    private RunCandidates? Among(long count)
    {
        if (_found.Count < count)
        {
            // Runs without the key come last; a clause on the key excludes them.
            var all = _same.Any(clause => clause.Operator != ComparisonOperator.IsNull);
            return new RunCandidates(_found.ConvertAll(row => row.Id), all);
        }

        // Of those that tie with the last one, some were cut off.
        var (_, lastIsNan, lastValue) = _found[^1];
        _found.RemoveAll(row => row.IsNan == lastIsNan && row.Value.Equals(lastValue));
        return _found.Count == 0 ? null : new RunCandidates(_found.ConvertAll(row => row.Id), false);
    }

    /// <summary>
    /// Leaves out what the pages before showed; ties with their last row stay. Null where only nulls follow.
    /// </summary>
    private string? Begin(SqlText sql, string?[] after)
    {
        var key = new SortKey("f.value", _first.Type, _first.Descending);
        return after.Length >= 2 && after[1] is { } text && key.Parse(text) is { } value
            ? $"f.value {(_first.Descending ? "<=" : ">=")} {sql.Bind(value)}"
            : null;
    }
}
