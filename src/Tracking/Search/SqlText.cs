using System.Data.Common;
using System.Text.Json;
using Gyre.Tracking.Storage;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Search;

/// <summary>The parameters of a statement being written. What a user typed goes here, never into the text.</summary>
internal sealed class SqlText(SqlDialect dialect)
{
    private readonly List<object> _values = [];

    public SqlDialect Dialect => dialect;

    /// <summary>Whether the statement calls <see cref="UnicodeFold"/>.</summary>
    public bool Folds { get; private set; }

    public static SqlText For(DbConnection connection) => new(connection.Dialect());

    /// <summary>Adds a parameter and returns its place: <c>$3</c>.</summary>
    public string Bind(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }

    /// <summary>A condition that holds for rows whose <paramref name="column"/> is one of the values.</summary>
    public string In<T>(string column, IReadOnlyCollection<T> values) where T : notnull
    {
        if (values.Count == 1) return $"{column} = {Bind(values.First())}";
        // One parameter however long the list is: SQLite takes 32,766 of them, PostgreSQL 65,535.
        return dialect == SqlDialect.Sqlite
            ? $"{column} IN (SELECT value FROM json_each({Bind(JsonSerializer.Serialize(values))}))"
            : $"{column} = ANY({Bind(values.ToArray())})";
    }

    /// <summary>
    /// An expression for lower case of all letters. SQLite's own <c>lower</c> knows only A to Z; the function is
    /// defined on the connection that runs the statement.
    /// </summary>
    public string UnicodeFold(string expression)
    {
        Folds = true;
        return $"gyre_fold({expression})";
    }

    public DbCommand Command(DbConnection connection, string text)
    {
        if (Folds && connection is SqliteConnection sqlite)
            sqlite.CreateFunction("gyre_fold", (string? value) => value?.ToLowerInvariant(), isDeterministic: true);
        return connection.Command(text, [.. _values]);
    }
}
