using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Storage;

/// <summary>Opens connections to one file with the pragmas that all of them need.</summary>
internal sealed class ConnectionSource : IDisposable
{
    private readonly Durability _durability;
    private readonly string _pooled;
    private readonly string _single;
    private string? _formerJournal;

    static ConnectionSource() => SQLitePCL.Batteries_V2.Init();

    public ConnectionSource(string path, Durability durability)
    {
        (Path, _durability) = (path, durability);
        var builder = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, Pooling = true };
        _pooled = builder.ToString();
        builder.Pooling = false;
        _single = builder.ToString();
    }

    public string Path { get; }

    public SqliteConnection OpenReader() => OpenReader(_pooled);

    /// <summary>A reader that is not kept: nothing of what it saw remains when the tables change.</summary>
    public SqliteConnection OpenSingleReader() => OpenReader(_single);

    public SqliteConnection OpenWriter()
    {
        var connection = Open(_single);
        _formerJournal ??= connection.Scalar("PRAGMA page_count") is 0L
            ? "wal"
            : connection.Scalar("PRAGMA journal_mode") as string;
        connection.Execute("PRAGMA journal_mode = WAL");
        // A batch of metrics touches four trees in places all over; the pages it left should still be there for the
        // next. Savepoints keep old pages: in memory, not in a temporary file. A checkpoint flushes the device and
        // holds up those who wait for the commit, so it comes every 16 MiB of log, not every 4.
        connection.Execute("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4096");
        connection.Execute($"PRAGMA synchronous = {(_durability == Durability.Device ? "FULL" : "NORMAL")}");
        return connection;
    }

    public void Dispose()
    {
        using (var connection = new SqliteConnection(_pooled)) SqliteConnection.ClearPool(connection);
        if (_formerJournal is not (null or "wal")) RestoreJournal(_formerJournal);
    }

    /// <summary>
    /// The journal's mode is a property of the file: a database that another program made gets its own back, unless
    /// somebody has it open.
    /// </summary>
    private void RestoreJournal(string mode)
    {
        try
        {
            using var connection = new SqliteConnection(_single);
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = 0; PRAGMA journal_mode = {mode}");
        }
        catch (SqliteException)
        {
            // Others use it: WAL serves them too.
        }
    }

    private static SqliteConnection OpenReader(string connectionString)
    {
        var connection = Open(connectionString);
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    private static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            // As MLflow sets them on its own sessions.
            connection.Execute(
                "PRAGMA busy_timeout = 20000; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
