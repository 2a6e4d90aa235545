using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>SQLite: one queue writes, any number of connections read.</summary>
internal sealed class SqliteEngine(ConnectionSource connections) : IDatabaseEngine
{
    private readonly WriteQueue _queue = new(connections);

    public long Commits => _queue.Commits;

    public DbConnection OpenReader() => connections.OpenReader();

    public Task<T> WriteAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(work, cancellationToken);

    public void Dispose()
    {
        _queue.Dispose();
        connections.Dispose();
    }
}
