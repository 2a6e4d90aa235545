using System.Runtime.InteropServices;
using Gyre.DuckDb.Native;

namespace Gyre.DuckDb;

/// <summary>A database that lives in memory as long as this object. Thread-safe.</summary>
public sealed class DuckDbDatabase : IDisposable
{
    private readonly DatabaseHandle _handle;

    private DuckDbDatabase(DatabaseHandle handle) => _handle = handle;

    /// <summary>The version of the native library, such as `v1.5.0`.</summary>
    public static string LibraryVersion =>
        Marshal.PtrToStringUTF8(NativeMethods.duckdb_library_version()) ?? "unknown";

    /// <summary>Opens a new, empty database in memory.</summary>
    /// <param name="settings">DuckDB's settings by name, such as `threads` or `memory_limit`.</param>
    /// <exception cref="DuckDbException">A setting is unknown or its value is refused.</exception>
    public static DuckDbDatabase OpenInMemory(IReadOnlyDictionary<string, string>? settings = null)
    {
        if (NativeMethods.duckdb_create_config(out var config) != NativeMethods.Success)
            throw DuckDbException.From("DuckDB could not create a configuration.");
        try
        {
            foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            {
                if (NativeMethods.duckdb_set_config(config, name, value) != NativeMethods.Success)
                    throw DuckDbException.From($"DuckDB refused the setting {name} = '{value}'.");
            }

            if (NativeMethods.duckdb_open_ext(null, out var database, config, out var error) == NativeMethods.Success)
                return new DuckDbDatabase(new DatabaseHandle(database));
            var exception = DuckDbException.From(error);
            NativeMethods.duckdb_free(error);
            throw exception;
        }
        finally
        {
            NativeMethods.duckdb_destroy_config(ref config);
        }
    }

    /// <summary>Opens a connection; each is for one thread at a time.</summary>
    /// <exception cref="ObjectDisposedException">The database is closed.</exception>
    public DuckDbConnection Connect()
    {
        if (NativeMethods.duckdb_connect(_handle, out var connection) != NativeMethods.Success)
            throw DuckDbException.From("DuckDB refused a connection.");
        return new DuckDbConnection(new ConnectionHandle(connection));
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
