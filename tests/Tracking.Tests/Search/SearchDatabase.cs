using System.Data.Common;
using System.Text.RegularExpressions;
using Gyre.Tracking.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gyre.Tracking.Tests.Search;

/// <summary>A database with MLflow's tables, empty, behind one connection.</summary>
internal static partial class SearchDatabase
{
    public static DbConnection OpenSqlite()
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        connection.Execute("PRAGMA case_sensitive_like = ON; PRAGMA foreign_keys = OFF");
        connection.Execute(Ddl());
        return connection;
    }

    public static DbConnection OpenPostgres(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = SqliteOnly().Replace(Ddl(), "").Replace(" BLOB", " bytea", StringComparison.Ordinal);
        command.ExecuteNonQuery();
        return connection;
    }

    private static string Ddl()
    {
        using var stream = typeof(TrackingDatabase).Assembly.GetManifestResourceStream("MlflowSchema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>
    /// SQLite's check of booleans and its way to write triggers; also foreign keys, which no search needs and of which
    /// some name tables that come later.
    /// </summary>
    [GeneratedRegex(
        @",\s*CHECK \(is_nan IN \(0, 1\)\)|,\s*FOREIGN KEY [^\n]*?(?=,?\n)|CREATE TRIGGER.*?END;",
        RegexOptions.Singleline)]
    private static partial Regex SqliteOnly();
}
