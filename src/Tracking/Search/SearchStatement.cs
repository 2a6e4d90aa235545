using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Gyre.Tracking.Search;

/// <summary>
/// A search as one SELECT. The inner query names the ids and the sort keys; the outer one begins after the last row of
/// the page before (keyset pagination: the cost of a page does not grow with its number) and orders.
/// </summary>
internal sealed class SearchStatement(SqlText sql, string from, params string[] ids)
{
    private readonly List<string> _joins = [];
    private readonly List<string> _conditions = [];
    private readonly List<SortKey> _keys = [];

    /// <summary>A name for the table that is joined next.</summary>
    public string NextAlias() => $"j{_joins.Count}";

    public void Join(string join) => _joins.Add(join);

    public void Where(string condition) => _conditions.Add(condition);

    public void OrderBy(SortKey key) => _keys.Add(key);

    /// <summary>Runs it and fetches one row more than asked for, to know whether a further page exists.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="read">Makes an item of the ids in a row.</param>
    /// <param name="maxResults">The size of a page, 1 or more.</param>
    /// <param name="token">Where the page begins; null at the beginning.</param>
    /// <param name="query">The fingerprint for the next token.</param>
    public Page<T> Fetch<T>(
        DbConnection connection, Func<DbDataReader, T> read, int maxResults, PageToken? token, string query)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxResults, 1);
        using var command = sql.Command(connection, Text(maxResults + 1L, token));
        using var reader = command.ExecuteReader();
        var items = new List<T>();
        string?[] last = [];
        while (reader.Read())
        {
            if (items.Count == maxResults) return new Page<T>(items, PageToken.Encode(query, last));
            items.Add(read(reader));
            if (items.Count == maxResults) last = Values(reader);
        }

        return new Page<T>(items, null);
    }

    private string Text(long limit, PageToken? token)
    {
        var text = new StringBuilder("SELECT * FROM (SELECT ").AppendJoin(", ", ids);
        for (var i = 0; i < _keys.Count; i++)
        {
            if (_keys[i].Rank is { } rank) text.Append(CultureInfo.InvariantCulture, $", {rank} AS r{i}");
            text.Append(CultureInfo.InvariantCulture, $", {_keys[i].Value} AS v{i}");
        }

        text.Append(" FROM ").Append(from);
        foreach (var join in _joins) text.Append(' ').Append(join);
        if (_conditions.Count > 0) text.Append(" WHERE ").AppendJoin(" AND ", _conditions);
        text.Append(") q");
        if (token?.After is { } after) text.Append(" WHERE ").Append(After(after));
        text.Append(" ORDER BY ").AppendJoin(", ", _keys.Select((key, i) =>
            (key.Rank is null ? "" : $"r{i}, ") + $"v{i}{key.Direction}"));
        text.Append(" LIMIT ").Append(sql.Bind(limit));
        if (token is { Offset: > 0 }) text.Append(" OFFSET ").Append(sql.Bind(token.Offset));
        return text.ToString();
    }

    private string?[] Values(DbDataReader reader)
    {
        var values = new List<string?>();
        var column = ids.Length;
        foreach (var key in _keys)
        {
            values.Add(key.Rank is null
                ? null
                : Convert.ToInt64(reader.GetValue(column++), CultureInfo.InvariantCulture).ToString(
                    CultureInfo.InvariantCulture));
            values.Add(key.Format(reader, column++));
        }

        return [.. values];
    }

    /// <summary>
    /// The rows after one: greater in the first key, or equal in it and greater in the next, and so on.
    /// </summary>
    private string After(string?[] after)
    {
        if (after.Length != 2 * _keys.Count) throw Mismatch();
        var condition = "";
        for (var i = _keys.Count - 1; i >= 0; i--)
        {
            var (key, rank) = (_keys[i], after[2 * i]);
            var value = after[(2 * i) + 1] is { } text ? key.Parse(text) ?? throw Mismatch() : null;
            if ((rank is null) != (key.Rank is null) || (value is null && rank is null)) throw Mismatch();
            var place = value is null ? "" : sql.Bind(value);
            var comparison = key.Descending ? "<" : ">";
            var greater = value is null ? "" : $"v{i} {comparison} {place}";
            var same = value is null ? "" : $"v{i} = {place}";
            if (condition.Length > 0 && same.Length > 0) same += " AND ";
            var inside = (greater, same + condition) switch
            {
                ("", var rest) => rest,
                (var more, "") => more,
                (var more, var rest) => condition.Length == 0 ? more : $"({more} OR ({rest}))",
            };
            condition = rank is null ? inside : Ranked(i, rank, inside);
        }

        return condition;
    }

    private string Ranked(int key, string rank, string inside)
    {
        if (!long.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw Mismatch();
        var place = sql.Bind(number);
        return inside.Length == 0 ? $"r{key} > {place}" : $"(r{key} > {place} OR (r{key} = {place} AND {inside}))";
    }

    private static FilterException Mismatch() =>
        FilterException.Of("Invalid page token: it does not fit the order of this search.");
}
