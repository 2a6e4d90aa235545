using System.Data.Common;
using System.Threading.Channels;

namespace Gyre.Tracking.Storage;

/// <summary>
/// PostgreSQL: any number of connections read; writes wait in a bounded queue for one of a few writers, each with a
/// connection of its own. Every write is a serializable transaction, run again when the server finds that it got in
/// another's way, so that what was written for one writer at a time holds for many, also on many nodes.
/// </summary>
internal sealed class PostgresEngine : IDatabaseEngine
{
    private const int Capacity = 8192;

    /// <summary>More would wait for each other on the server rather than here.</summary>
    private const int Writers = 8;

    private readonly Channel<PendingWrite> _channel = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait });

    private readonly PostgresSource _source;
    private readonly Thread[] _threads;
    private long _commits;

    public PostgresEngine(PostgresSource source)
    {
        _source = source;
        _threads = [.. Enumerable.Range(0, Writers).Select(i => new Thread(() => Run(i))
        {
            IsBackground = true, Name = "gyre database writer",
        })];
        foreach (var thread in _threads) thread.Start();
    }

    public long Commits => Interlocked.Read(ref _commits);

    public DbConnection OpenReader() => _source.OpenReader();

    public Task<T> WriteAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken) =>
        PendingWrite<T>.EnqueueAsync(_channel.Writer, work, cancellationToken);

    public void Dispose()
    {
        if (_channel.Writer.TryComplete())
            foreach (var thread in _threads) thread.Join();
        _source.Dispose();
    }

    private void Run(int index)
    {
        using var writer = new PostgresWriter(_source, index);
        var reader = _channel.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var write))
            {
                if (write.TryStart() && writer.Write(write)) Interlocked.Increment(ref _commits);
            }
        }
    }
}
