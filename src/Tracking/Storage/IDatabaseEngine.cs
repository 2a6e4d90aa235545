using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>
/// How one kind of database is read and written. Writes complete after their commit; one that throws is undone alone.
/// </summary>
internal interface IDatabaseEngine : IDisposable
{
    /// <summary>How many transactions were committed; to be read while no write is under way.</summary>
    long Commits { get; }

    /// <summary>A pooled connection that refuses to write.</summary>
    DbConnection OpenReader();

    /// <summary>Runs <paramref name="work"/> in a transaction, once, and completes after the commit.</summary>
    Task<T> WriteAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken);
}
