using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gyre.Tracking;

/// <summary>
/// The workspace's SQLite file or PostgreSQL database: MLflow's tables and Gyre's own (<c>gyre_*</c>) beside them.
/// Readers open connections of their own; all writes of a process pass through one bounded queue, which on SQLite
/// commits many of them together. Several processes may have the same database open. Thread-safe.
/// </summary>
public sealed class TrackingDatabase : IDisposable
{
    private readonly IDatabaseEngine _engine;

    private TrackingDatabase(StoreAddress address, IDatabaseEngine engine, IProcessOwner owner, TimeProvider time) =>
        (Address, _engine, Owner, Time) = (address, engine, owner, time);

    /// <summary>Where it is.</summary>
    public StoreAddress Address { get; }

    /// <summary>The database file, absolute; of a server its address without the password.</summary>
    public string Path => Address.File ?? Address.ToString();

    /// <summary>This process's claim on the runs it starts.</summary>
    internal IProcessOwner Owner { get; }

    internal TimeProvider Time { get; }

    internal long Commits => _engine.Commits;

    /// <summary>Opens the database at an address; see the other overload.</summary>
    /// <exception cref="GyreException">It cannot be opened, or is not a database of this schema.</exception>
    public static TrackingDatabase Open(
        StoreAddress address, Durability durability = Durability.Process, TimeProvider? time = null) =>
        address.File is { } file
            ? Open(file, durability, time)
            : OpenServer(address, durability, time ?? TimeProvider.System);

    /// <summary>Opens the database, creating the file, its folder and the tables where they are absent.</summary>
    /// <param name="path">The file; the folder is created.</param>
    /// <param name="durability">What an acknowledged write survives.</param>
    /// <param name="time">The clock for times of creation; the system's by default.</param>
    /// <exception cref="GyreException">
    /// The file is no SQLite database, holds other tables, has another MLflow revision, or cannot be opened.
    /// </exception>
    public static TrackingDatabase Open(
        string path, Durability durability = Durability.Process, TimeProvider? time = null)
    {
        var full = System.IO.Path.GetFullPath(path);
        time ??= TimeProvider.System;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full) ?? ".");
            var connections = new ConnectionSource(full, durability);
            try
            {
                SchemaCreator.Ensure(connections, full, time);
            }
            catch
            {
                connections.Dispose();
                throw;
            }

            return new TrackingDatabase(
                StoreAddress.OfFile(full), new SqliteEngine(connections), ProcessOwner.Claim(OwnerFolder(full), time),
                time);
        }
        catch (Exception ex) when (ex is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw DatabaseErrors.Opening(full, ex);
        }
    }

    /// <summary>
    /// Opens a pooled connection for reading; it sees every write that was acknowledged before, and refuses to write.
    /// Dispose it soon: one kept inside a long read holds back the cleaning of the write-ahead log.
    /// </summary>
    public DbConnection OpenConnection() => OpenReader();

    /// <summary>
    /// Runs <paramref name="work"/> inside a transaction (which on SQLite it shares with other callers' work), as if no
    /// other work ran meanwhile, and completes after the commit. When <paramref name="work"/> throws, only its own
    /// changes are undone and its exception comes back.
    /// </summary>
    /// <param name="work">
    /// Executes commands on the connection; short, synchronous, without BEGIN or COMMIT. It runs on the queue's thread
    /// and must not wait for another write. It must change nothing but the database, since it may be undone and run
    /// again from its beginning: on PostgreSQL when it got in another's way, on SQLite when other work fails.
    /// </param>
    /// <param name="cancellationToken">Honoured until the work begins; not after.</param>
    /// <returns>What <paramref name="work"/> returned.</returns>
    /// <exception cref="GyreException">
    /// The database cannot be written: disk full, I/O error, server out of reach, or locked for a minute.
    /// </exception>
    public Task<T> WriteAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken = default) =>
        _engine.WriteAsync(work, cancellationToken);

    /// <summary>As <see cref="WriteAsync{T}"/>, for work without a result.</summary>
    public Task WriteAsync(Action<DbConnection> work, CancellationToken cancellationToken = default) =>
        _engine.WriteAsync(
            connection =>
            {
                work(connection);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Brings a module's own tables up to date: runs those of its migrations that this database has not seen, all in
    /// one transaction, and records them in <c>gyre_schema_version</c>. Meant for start-up; blocks until committed.
    /// </summary>
    /// <param name="module">The module's name, such as <c>serving</c>.</param>
    /// <param name="migrations">All of the module's migrations, numbered from 1 without gaps.</param>
    /// <exception cref="ArgumentException">The numbers have a gap.</exception>
    public void Migrate(string module, IReadOnlyList<Migration> migrations)
    {
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Number != i + 1)
            {
                throw new ArgumentException(
                    $"Migration {i + 1} of '{module}' is numbered {migrations[i].Number}.", nameof(migrations));
            }
        }

        WriteAsync(connection => ModuleMigrations.Apply(connection, module, migrations, Time)).GetAwaiter().GetResult();
    }

    /// <summary>Waits for the writes that were queued, then closes the database. Later writes are refused.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        Owner.Dispose();
    }

    internal DbConnection OpenReader() => _engine.OpenReader();

    private static TrackingDatabase OpenServer(StoreAddress address, Durability durability, TimeProvider time)
    {
        var connections = new PostgresSource(address, durability);
        try
        {
            SchemaCreator.Ensure(connections, time);
            return new TrackingDatabase(
                address, new PostgresEngine(connections), new PostgresOwner(connections, time), time);
        }
        catch (Exception ex)
        {
            connections.Dispose();
            if (ex is NpgsqlException or TimeoutException) throw DatabaseErrors.Opening(address.ToString(), ex);
            throw;
        }
    }

    internal static string OwnerFolder(string path) => path + "-owners";
}
