using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>Binds a text that is there as UTF-8: the driver takes strings only, and copies them twice.</summary>
internal static class SqliteText
{
    public static void Execute(
        SqliteConnection connection, string sql, ReadOnlySpan<object?> values, ReadOnlySpan<byte> text)
    {
        Check(connection, sqlite3_prepare_v2(connection.Handle, sql, out var statement));
        using (statement)
        {
            for (var i = 0; i < values.Length; i++) Check(connection, Bind(statement, i + 1, values[i]));
            Check(connection, sqlite3_bind_text(statement, values.Length + 1, text));
            var result = sqlite3_step(statement);
            if (result != SQLITE_DONE) Check(connection, result);
        }
    }

    private static int Bind(sqlite3_stmt statement, int index, object? value) => value switch
    {
        null => sqlite3_bind_null(statement, index),
        string text => sqlite3_bind_text(statement, index, text),
        long number => sqlite3_bind_int64(statement, index, number),
        int number => sqlite3_bind_int64(statement, index, number),
        _ => throw new ArgumentException($"A {value.GetType().Name} is not bound here.", nameof(value)),
    };

    private static void Check(SqliteConnection connection, int result) =>
        SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
