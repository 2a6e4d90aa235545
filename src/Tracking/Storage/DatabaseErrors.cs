using Gyre.Primitives;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>SQLite's failures in the user's words.</summary>
internal static class DatabaseErrors
{
    public static GyreException Opening(string path, Exception cause) => cause switch
    {
        SqliteException { SqliteErrorCode: SQLITE_NOTADB } =>
            GyreException.Invalid($"{path}: the file is not a SQLite database.", cause),
        SqliteException { SqliteErrorCode: SQLITE_CORRUPT } =>
            new GyreException(ErrorCode.Unavailable, $"{path}: the database is damaged.", cause),
        SqliteException { SqliteErrorCode: SQLITE_CANTOPEN or SQLITE_READONLY or SQLITE_PERM } =>
            GyreException.Invalid($"{path}: the database cannot be opened for writing.", cause),
        _ => new GyreException(ErrorCode.Unavailable, $"{path}: the database cannot be opened: {cause.Message}", cause),
    };

    /// <summary>
    /// Turns a failure of the disk or the file into a <see cref="GyreException"/>; leaves others as they are.
    /// </summary>
    public static Exception Writing(string path, Exception cause) => cause switch
    {
        SqliteException { SqliteErrorCode: SQLITE_FULL } => Unavailable(path, "the disk is full", cause),
        SqliteException { SqliteErrorCode: SQLITE_IOERR } => Unavailable(path, "reading or writing failed", cause),
        SqliteException { SqliteErrorCode: SQLITE_READONLY } => Unavailable(path, "the file is read-only", cause),
        SqliteException { SqliteErrorCode: SQLITE_CORRUPT or SQLITE_NOTADB } =>
            Unavailable(path, "the database is damaged", cause),
        SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED } =>
            Unavailable(path, "another program has kept the database locked", cause),
        _ => cause,
    };

    private static GyreException Unavailable(string path, string reason, Exception cause) =>
        new(ErrorCode.Unavailable, $"{path}: {reason}.", cause);
}
