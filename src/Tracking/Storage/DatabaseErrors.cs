using Gyre.Primitives;
using Microsoft.Data.Sqlite;
using Npgsql;
using static SQLitePCL.raw;

namespace Gyre.Tracking.Storage;

/// <summary>Failures of SQLite and PostgreSQL in the user's words.</summary>
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
        PostgresException
        {
            SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
        } =>
            GyreException.Invalid($"{path}: the server refuses the user or the password.", cause),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            GyreException.Invalid($"{path}: there is no such database; createdb makes one.", cause),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
            GyreException.Invalid($"{path}: the user may not do that: {denied.MessageText}.", cause),
        PostgresException server => new GyreException(
            ErrorCode.Unavailable, $"{path}: the database cannot be opened: {server.MessageText}.", cause),
        NpgsqlException { InnerException: { } inner } => new GyreException(
            ErrorCode.Unavailable, $"{path}: the server cannot be reached: {inner.Message}", cause),
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
        PostgresException server => OfServer(path, server),
        NpgsqlException => Unavailable(path, $"the connection to the server failed: {cause.Message}", cause),
        _ => cause,
    };

    /// <summary>A server that answered when the database was opened and no longer does.</summary>
    public static GyreException Unreachable(string path, Exception cause) =>
        Unavailable(path, $"the server cannot be reached: {(cause.InnerException ?? cause).Message}", cause);

    /// <summary>
    /// Whether a failure while reading is the server's or the network's, and may be gone before long.
    /// </summary>
    public static bool IsPassing(Exception failure) => failure switch
    {
        PostgresException server => OfServer("", server) is GyreException { Code: ErrorCode.Unavailable },
        SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED } => true,
        _ => failure is NpgsqlException,
    };

    private static Exception OfServer(string path, PostgresException cause) => cause.SqlState switch
    {
        PostgresErrorCodes.StringDataRightTruncation => GyreException.Invalid(
            $"A text is longer than its column in the database: {cause.MessageText}.", cause),
        PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire =>
            GyreException.Invalid(
            $"A text holds a character that the database cannot store: {cause.MessageText}.", cause),
        PostgresErrorCodes.NumericValueOutOfRange => GyreException.Invalid(
            $"A number does not fit its column in the database: {cause.MessageText}.", cause),
        PostgresErrorCodes.DiskFull => Unavailable(path, "the server's disk is full", cause),
        PostgresErrorCodes.ReadOnlySqlTransaction => Unavailable(path, "the server takes no writes", cause),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.LockNotAvailable =>
            Unavailable(path, "other writers have kept getting in the way", cause),
        // Connections, resources, an operator's intervention, the server's own system.
        ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or ['X', 'X', ..] =>
            Unavailable(path, cause.MessageText, cause),
        _ => cause,
    };

    private static GyreException Unavailable(string path, string reason, Exception cause) =>
        new(ErrorCode.Unavailable, $"{path}: {reason}.", cause);
}
