using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Transfer;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking;

/// <summary>What a backup holds.</summary>
/// <param name="Revision">MLflow's schema revision.</param>
/// <param name="CreatedAt">When it was begun: it holds what was acknowledged before.</param>
/// <param name="Files">Files besides the database.</param>
/// <param name="Bytes">Their size together, before compression.</param>
public sealed record BackupReport(string Revision, DateTimeOffset CreatedAt, long Files, long Bytes);

/// <summary>
/// Backs a store up into one ZIP archive while servers go on, and restores it: <c>gyre.db</c>, a SQLite database also
/// when the store is PostgreSQL; <c>artifacts/</c>; <c>manifest.json</c>. The database is taken in one state first and
/// the files after it: what a row names was written before the row.
/// </summary>
public static class StoreBackup
{
    private const string Manifest = "manifest.json";
    private const string DatabaseName = "gyre.db";
    private const string ArtifactPrefix = "artifacts/";

    /// <summary>Writes a backup.</summary>
    /// <param name="store">The database.</param>
    /// <param name="artifacts">The artifacts.</param>
    /// <param name="file">The archive; there whole or not at all.</param>
    /// <param name="overwrite">Whether it may replace a file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops between files and leaves nothing.</param>
    /// <exception cref="GyreException">The file exists, or the store is none that Gyre can open.</exception>
    public static async Task<BackupReport> BackupAsync(
        StoreAddress store, ArtifactStore artifacts, string file, bool overwrite, TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        var full = Path.GetFullPath(file);
        if (File.Exists(full) && !overwrite)
            throw new GyreException(ErrorCode.AlreadyExists, $"{full}: exists already; --force replaces it");
        var begun = time.GetUtcNow();
        var snapshot = DurableFile.TemporaryBeside(full + ".db");
        try
        {
            Snapshot(store, snapshot, time, cancellationToken);
            var report = new BackupReport(SchemaCreator.Revision, begun, 0, 0);
            await DurableFile.WriteAsync(
                full, (stream, token) => Task.Run(() => report = Pack(stream, snapshot, artifacts, report, token),
                    token),
                cancellationToken);
            return report;
        }
        finally
        {
            File.Delete(snapshot);
        }
    }

    /// <summary>Restores a backup.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="store">A file, or an empty database on a server.</param>
    /// <param name="artifacts">Where the artifacts go.</param>
    /// <param name="overwrite">Whether a database file and an artifact folder that exist are replaced.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops before anything is replaced.</param>
    /// <exception cref="GyreException">
    /// It is no backup, something is there already, or a program has the database open.
    /// </exception>
    public static async Task<BackupReport> RestoreAsync(
        string file, StoreAddress store, ArtifactStore artifacts, bool overwrite, TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        if (!File.Exists(file)) throw GyreException.NotFound($"{file}: there is no such file");
        RequireFree(store, artifacts, overwrite);
        var staging = DurableFile.TemporaryBeside(artifacts.Root + ".restore");
        try
        {
            var report = await Task.Run(() => Unpack(file, staging, cancellationToken), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var database = Path.Combine(staging, DatabaseName);
            if (store.File is null)
                StoreCopy.Copy(StoreAddress.OfFile(database), store, new HashSet<string>(), time, cancellationToken);
            Replace(Path.Combine(staging, "artifacts"), artifacts.Root);
            if (store.File is { } target) ReplaceDatabase(database, target);
            return report;
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
    }

    private static void Snapshot(StoreAddress store, string target, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (store.File is not { } file)
        {
            StoreCopy.Copy(store, StoreAddress.OfFile(target), new HashSet<string>(), time, cancellationToken);
            return;
        }

        if (!File.Exists(file)) throw GyreException.NotFound($"{file}: there is no such file");
        try
        {
            using var connections = new ConnectionSource(file, Durability.Process);
            using var source = connections.OpenSingleReader();
            if (source.Scalar("SELECT version_num FROM alembic_version") is not SchemaCreator.Revision)
                throw MlflowRevisions.Refuse(file, source.Scalar("SELECT version_num FROM alembic_version") as string);
            using var copy = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = target, Pooling = false }.ToString());
            copy.Open();
            source.BackupDatabase(copy);
            copy.Execute("PRAGMA journal_mode = DELETE"); // one file
        }
        catch (SqliteException ex)
        {
            throw DatabaseErrors.Opening(file, ex);
        }
    }

    private static BackupReport Pack(
        Stream stream, string database, ArtifactStore artifacts, BackupReport report,
            CancellationToken cancellationToken)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        archive.CreateEntryFromFile(database, DatabaseName, CompressionLevel.Fastest);
        if (Directory.Exists(artifacts.Root))
        {
            foreach (var path in Directory.EnumerateFiles(artifacts.Root, "*", SearchOption.AllDirectories))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var relative = Path.GetRelativePath(artifacts.Root, path).Replace('\\', '/');
                if (IsUnfinished(relative)) continue;
                if (TryAdd(archive, path, ArtifactPrefix + relative) is not { } bytes) continue;
                report = report with { Files = report.Files + 1, Bytes = report.Bytes + bytes };
            }
        }

        using var manifest = archive.CreateEntry(Manifest).Open();
        JsonSerializer.Serialize(manifest, report);
        return report;
    }

    private static bool IsUnfinished(string path) => path.Split('/').Any(part =>
        part == UploadFolder.Name || part.EndsWith(DurableFile.TemporarySuffix, StringComparison.Ordinal));

    /// <summary>Adds a file and gives its length; null when it was removed since it was listed.</summary>
    private static long? TryAdd(ZipArchive archive, string path, string name)
    {
        try
        {
            var bytes = new FileInfo(path).Length;
            archive.CreateEntryFromFile(path, name, CompressionLevel.Fastest);
            return bytes;
        }
        catch (Exception ex) when (ex is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static BackupReport Unpack(string file, string staging, CancellationToken cancellationToken)
    {
        try
        {
            using var archive = ZipFile.OpenRead(file);
            if (archive.GetEntry(Manifest) is not { } entry || archive.GetEntry(DatabaseName) is null)
                throw GyreException.Invalid($"{file}: this is no backup of Gyre's");
            BackupReport report;
            using (var manifest = entry.Open())
                report = JsonSerializer.Deserialize<BackupReport>(manifest)
                    ?? throw GyreException.Invalid($"{file}: its {Manifest} is empty");
            if (report.Revision != SchemaCreator.Revision)
            {
                throw new GyreException(ErrorCode.Refused, string.Create(CultureInfo.InvariantCulture,
                    $"{file}: the backup has MLflow's schema revision '{report.Revision}'; "
                    + $"'{SchemaCreator.Revision}' is needed"));
            }

            Directory.CreateDirectory(Path.Combine(staging, "artifacts"));
            foreach (var part in archive.Entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Extract(file, part, staging);
            }

            return report;
        }
        catch (InvalidDataException ex)
        {
            throw GyreException.Invalid($"{file}: the archive is damaged: {ex.Message}", ex);
        }
    }

    private static void Extract(string file, ZipArchiveEntry part, string staging)
    {
        if (part.FullName is Manifest) return;
        var target = Path.GetFullPath(Path.Combine(staging, part.FullName));
        if (part.FullName != DatabaseName && !part.FullName.StartsWith(ArtifactPrefix, StringComparison.Ordinal)
            || !ArtifactStore.IsInside(staging, target))
            throw GyreException.Invalid($"{file}: '{part.FullName}' does not belong into a backup");
        if (part.FullName.EndsWith('/')) return;
        Directory.CreateDirectory(Path.GetDirectoryName(target) ?? staging);
        part.ExtractToFile(target);
        DurableFile.Flush(target);
    }

    private static void RequireFree(StoreAddress store, ArtifactStore artifacts, bool overwrite)
    {
        if (store.File is { } file && File.Exists(file))
        {
            if (!overwrite) throw Exists(file);
            if (ProcessOwner.AnyAlive(TrackingDatabase.OwnerFolder(file)))
                throw new GyreException(ErrorCode.Conflict, $"{file}: a program has the database open; stop it first");
        }

        if (!overwrite && Directory.Exists(artifacts.Root)
            && Directory.EnumerateFileSystemEntries(artifacts.Root).Any())
            throw Exists(artifacts.Root);
    }

    private static GyreException Exists(string path) =>
        new(ErrorCode.AlreadyExists, $"{path}: exists already; --force replaces it");

    /// <summary>The old folder goes only when the new one has its place.</summary>
    private static void Replace(string from, string to)
    {
        var old = Directory.Exists(to) ? DurableFile.TemporaryBeside(to) : null;
        if (old is not null) Directory.Move(to, old);
        Directory.Move(from, to);
        if (old is not null) Directory.Delete(old, recursive: true);
    }

    private static void ReplaceDatabase(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to) ?? ".");
        // A log of the old file must not be replayed into the new one.
        File.Delete(to + "-wal");
        File.Delete(to + "-shm");
        File.Move(from, to, overwrite: true);
    }
}
