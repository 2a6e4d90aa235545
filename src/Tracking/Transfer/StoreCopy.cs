using System.Data;
using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Transfer;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Gyre.Tracking;

/// <summary>What was copied.</summary>
/// <param name="FromRevision">MLflow's schema revision of the source.</param>
/// <param name="ToRevision">The copy's.</param>
/// <param name="Rows">Rows per table that has any.</param>
public sealed record StoreCopyReport(string FromRevision, string ToRevision, IReadOnlyDictionary<string, long> Rows);

/// <summary>
/// Copies a database, one of an older revision included, into a new one at the present revision; from and to SQLite and
/// PostgreSQL. The source is only read, in one state; the copy is there whole or not at all.
/// </summary>
public static class StoreCopy
{
    /// <summary>Makes the copy.</summary>
    /// <param name="from">The source. Programs may go on writing to it.</param>
    /// <param name="to">A file that does not exist, or an empty database on a server.</param>
    /// <param name="leaveOut">Tables whose rows are not wanted.</param>
    /// <param name="time">The clock for what the copy records of itself.</param>
    /// <param name="cancellationToken">Stops between rows and leaves nothing.</param>
    /// <exception cref="GyreException">
    /// The source is no MLflow database or one of an unknown revision, or the target is not empty.
    /// </exception>
    public static StoreCopyReport Copy(
        StoreAddress from, StoreAddress to, IReadOnlySet<string> leaveOut, TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        try
        {
            using var source = OpenSource(from);
            using var state = source.BeginRead();
            return to.File is { } file
                ? CopyToFile(source, from, file, leaveOut, time, cancellationToken)
                : CopyToServer(source, from, to, leaveOut, time, cancellationToken);
        }
        catch (Exception ex) when (ex is SqliteException or NpgsqlException)
        {
            throw DatabaseErrors.Opening($"{from} to {to}", ex);
        }
    }

    private static StoreCopyReport CopyToFile(
        DbConnection source, StoreAddress from, string file, IReadOnlySet<string> leaveOut, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (File.Exists(file)) throw new GyreException(ErrorCode.AlreadyExists,
            $"{file}: exists already; name a new file");
        var temporary = DurableFile.TemporaryBeside(file);
        try
        {
            StoreCopyReport report;
            using (var target = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = temporary, Pooling = false }.ToString()))
            {
                target.Open();
                // The rows are as whole as they were; a process that dies leaves only the temporary file.
                target.Execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF");
                using var transaction = target.BeginTransaction();
                report = Run(source, target, from, leaveOut, time, cancellationToken);
                transaction.Commit();
            }

            DurableFile.Flush(temporary);
            File.Move(temporary, file);
            return report;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static StoreCopyReport CopyToServer(
        DbConnection source, StoreAddress from, StoreAddress to, IReadOnlySet<string> leaveOut, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var connections = new PostgresSource(to, Durability.Device);
        using var target = connections.OpenWriter();
        using var transaction = target.BeginTransaction(IsolationLevel.ReadCommitted);
        SchemaLock.Take(target);
        if (SchemaCreator.HasTables(target))
            throw new GyreException(ErrorCode.AlreadyExists,
                $"{to}: the database has tables already; name an empty one");
        var report = Run(source, target, from, leaveOut, time, cancellationToken);
        transaction.Commit();
        return report;
    }

    private static StoreCopyReport Run(
        DbConnection source, DbConnection target, StoreAddress from, IReadOnlySet<string> leaveOut, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var revision = RevisionOf(source, from);
        var rows = new DatabaseCopy(source, target, time, cancellationToken).Run(from.ToString(), revision, leaveOut);
        return new StoreCopyReport(revision, SchemaCreator.Revision, rows);
    }

    private static string RevisionOf(DbConnection source, StoreAddress from)
    {
        var revision = source.HasTable("alembic_version")
            ? source.Scalar("SELECT version_num FROM alembic_version") as string
            : throw GyreException.Invalid(
                $"{from}: this is no database of MLflow's: it has no table 'alembic_version'.");
        return revision is not null && MlflowRevisions.IsKnown(revision)
            ? revision
            : throw MlflowRevisions.Refuse(from.ToString(), revision);
    }

    private static DbConnection OpenSource(StoreAddress address)
    {
        if (address.File is not { } file)
        {
            using var server = new PostgresSource(address, Durability.Process);
            return server.OpenReader();
        }

        if (!File.Exists(file)) throw GyreException.NotFound($"{file}: there is no such file");
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file, Pooling = false, DefaultTimeout = 30, Mode = SqliteOpenMode.ReadOnly,
        }.ToString());
        connection.Open();
        return connection;
    }
}
