using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Storage;

/// <summary>
/// The statements that a writing connection keeps prepared. A connection without them (a reader's, one of another
/// database) prepares each time, or as its driver does.
/// </summary>
internal sealed class WriterStatements : IDisposable
{
    private static readonly ConditionalWeakTable<DbConnection, WriterStatements> Kept = [];

    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    private WriterStatements(SqliteConnection connection) => Metrics = new SqliteMetricWriter(connection);

    /// <summary>The statements that insert points of metrics.</summary>
    public SqliteMetricWriter Metrics { get; }

    /// <summary>From now on the connection keeps its statements, until <see cref="Release"/>.</summary>
    public static void Keep(SqliteConnection connection) => Kept.Add(connection, new WriterStatements(connection));

    /// <summary>Ends the statements, so that closing the connection closes the file.</summary>
    public static void Release(SqliteConnection connection)
    {
        if (!Kept.TryGetValue(connection, out var statements)) return;
        Kept.Remove(connection);
        statements.Dispose();
    }

    public static WriterStatements? Of(DbConnection connection) =>
        Kept.TryGetValue(connection, out var statements) ? statements : null;

    /// <summary>The command of that text, prepared at its first use, with other values.</summary>
    public DbCommand Get(DbConnection connection, string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.Command(sql, values);
            command.Prepare();
            _commands.Add(sql, command);
            return command;
        }

        for (var i = 0; i < values.Length; i++) command.Set(i, values[i]);
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        Metrics.Dispose();
    }
}

/// <summary>Commands that run so often that the writing connection keeps them prepared.</summary>
internal static class PreparedCommands
{
    /// <summary>As <see cref="DbCommands.Execute"/>.</summary>
    public static int ExecutePrepared(this DbConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        WriterStatements.Of(connection) is { } statements
            ? statements.Get(connection, sql, values).ExecuteNonQuery()
            : connection.Execute(sql, values);

    /// <summary>As <see cref="DbCommands.Scalar"/>.</summary>
    public static object? ScalarPrepared(this DbConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        if (WriterStatements.Of(connection) is not { } statements) return connection.Scalar(sql, values);
        return statements.Get(connection, sql, values).ExecuteScalar() is var value && value is DBNull ? null : value;
    }
}
