using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Gyre.Tracking.Storage;

/// <summary>
/// Short forms for commands with positional parameters <c>$1</c>, <c>$2</c>…, which both databases understand.
/// </summary>
public static class DbCommands
{
    /// <summary>The database behind a connection.</summary>
    public static SqlDialect Dialect(this DbConnection connection) =>
        connection is SqliteConnection ? SqlDialect.Sqlite : SqlDialect.Postgres;

    /// <summary>
    /// A command with its values bound; null is NULL. Run again by <see cref="Set"/>ting other values.
    /// </summary>
    public static DbCommand Command(this DbConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        var named = connection.Dialect() == SqlDialect.Sqlite; // the other binds by position, and only without names
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            if (named) parameter.ParameterName = $"${i + 1}";
            parameter.Value = values[i] ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Gives parameter <paramref name="index"/>, from 0, another value; null is NULL.</summary>
    public static void Set(this DbCommand command, int index, object? value) =>
        command.Parameters[index].Value = value ?? DBNull.Value;

    /// <summary>Runs a command and returns the number of rows it changed.</summary>
    public static int Execute(this DbConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>
    /// Runs a command whose last parameter is a long text that is there as UTF-8, without making a string of it.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">The command, with one parameter more than <paramref name="values"/>.</param>
    /// <param name="values">The other values: texts, whole numbers or null.</param>
    /// <param name="text">Well-formed UTF-8 without NUL.</param>
    public static void ExecuteWithText(
        this DbConnection connection, string sql, ReadOnlySpan<object?> values, ReadOnlyMemory<byte> text)
    {
        if (connection is SqliteConnection sqlite)
        {
            SqliteText.Execute(sqlite, sql, values, text.Span);
            return;
        }

        using var command = connection.Command(sql, values);
        command.Parameters.Add(new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Text });
        command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row, or null when there is no row or the value is NULL.</summary>
    public static object? Scalar(this DbConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteScalar() is var value && value is DBNull ? null : value;
    }

    /// <summary>All rows of a query.</summary>
    public static List<T> Query<T>(
        this DbConnection connection, string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var command = connection.Command(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Whether there is a table of that name.</summary>
    public static bool HasTable(this DbConnection connection, string name) => connection.Scalar(
        connection.Dialect() == SqlDialect.Sqlite
            ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1"
            : "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
        name) is not null;

    /// <summary>A list for <c>IN</c>: the texts of the JSON array that a parameter such as <c>$1</c> holds.</summary>
    public static string TextsOf(this DbConnection connection, string parameter) =>
        connection.Dialect() == SqlDialect.Sqlite
            ? $"(SELECT value FROM json_each({parameter}))"
            : $"(SELECT json_array_elements_text(CAST({parameter} AS json)))";

    /// <summary>Begins a transaction in which all queries see the same state.</summary>
    public static DbTransaction BeginRead(this DbConnection connection) => connection is SqliteConnection sqlite
        ? sqlite.BeginTransaction(deferred: true)
        : connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);

    /// <summary>A text, or null for NULL.</summary>
    public static string? StringOrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>A whole number, or null for NULL.</summary>
    public static long? Int64OrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>A time stored as milliseconds since 1970 UTC, or null for NULL.</summary>
    public static DateTimeOffset? TimeOrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    internal static long Milliseconds(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
