using System.Threading.Channels;
using Gyre.Primitives;
using Gyre.Serving.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Recording;

/// <summary>
/// Records predictions. Requests put their records into a bounded queue; one writer commits what has gathered every few
/// milliseconds. A full queue makes requests wait: nothing is dropped and nothing grows. When the database refuses, the
/// writer keeps trying. Stopping drains the queue. Thread-safe.
/// </summary>
internal sealed class PredictionLog : IHostedService, IDisposable
{
    private const int RowsPerEntry = 16;
    private const int EntriesPerCommit = 512;
    private const int AttemptsWhenStopping = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly PredictionStore _store;
    private readonly ServingOptions _options;
    private readonly ServingMetrics _metrics;
    private readonly ILogger<PredictionLog> _logger;
    private readonly Channel<Entry> _queue;
    private readonly PooledJson _json = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource _urgent = NewSignal();
    private Task _writing = Task.CompletedTask;

    public PredictionLog(
        PredictionStore store, ServingOptions options, ServingMetrics metrics, ILogger<PredictionLog> logger)
    {
        (_store, _options, _metrics, _logger) = (store, options, metrics, logger);
        _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(options.LogQueueLength)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
        metrics.Meter.CreateObservableGauge("gyre.prediction.log.queue.length", () => _queue.Reader.Count, null,
            "Entries that wait to be written; one entry holds up to 16 records of one request.");
    }

    /// <summary>
    /// Takes a request's records. Completes when they are in the queue, or, under strict logging, when they are
    /// committed.
    /// </summary>
    /// <exception cref="GyreException">That took longer than <see cref="ServingOptions.LogTimeout"/>.</exception>
    public async ValueTask RecordAsync(PredictionBatch batch, CancellationToken cancellationToken)
    {
        var committed = _options.StrictPredictionLog ? NewSignal() : null;
        var entry = new Entry(batch, 0, Math.Min(batch.Ids.Length, RowsPerEntry), null);
        if (committed is null && batch.Ids.Length <= RowsPerEntry && _queue.Writer.TryWrite(entry)) return;

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.LogTimeout);
        try
        {
            for (var first = 0; first < batch.Ids.Length; first += RowsPerEntry)
            {
                var count = Math.Min(RowsPerEntry, batch.Ids.Length - first);
                var last = first + count == batch.Ids.Length;
                await _queue.Writer.WriteAsync(new Entry(batch, first, count, last ? committed : null), timeout.Token);
            }

            if (committed is null) return;
            _urgent.TrySetResult();
            await committed.Task.WaitAsync(timeout.Token);
        }
        catch (Exception ex) when (IsRefusal(ex, cancellationToken))
        {
            throw new GyreException(
                ErrorCode.Unavailable, "The prediction log cannot be written at present; try again.", ex);
        }
    }

    /// <summary>Completes when everything recorded before the call is committed.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var committed = NewSignal();
        await _queue.Writer.WriteAsync(new Entry(null, 0, 0, committed), cancellationToken);
        _urgent.TrySetResult();
        await committed.Task.WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writing = Task.Run(WriteAllAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Refuses further records and returns when all are committed. Called after the server has stopped.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        _stopping.Cancel();
        _urgent.TrySetResult();
        await _writing.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _json.Dispose();
        _stopping.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await WarmUpAsync();
        var entries = new List<Entry>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            // Set before the queue is read: whoever is in a hurry from here on ends the pause below.
            var urgent = _urgent = NewSignal();
            Collect(entries);
            if (entries.Count < EntriesPerCommit && entries.TrueForAll(entry => entry.Committed is null))
            {
                await Task.WhenAny(Task.Delay(_options.CommitInterval), urgent.Task);
                Collect(entries);
            }

            await CommitAsync(entries);
            foreach (var entry in entries) entry.Committed?.TrySetResult();
            entries.Clear();
        }
    }

    // Only a convenience: what keeps it from working will be met, and told, by the first record.
    private async Task WarmUpAsync()
    {
        try
        {
            await _store.WarmUpAsync(_stopping.Token);
        }
        catch (Exception failure) when (failure is GyreException or OperationCanceledException or ObjectDisposedException)
        {
            Log.CannotWarmUp(_logger, failure);
        }
    }

    private void Collect(List<Entry> entries)
    {
        while (entries.Count < EntriesPerCommit && _queue.Reader.TryRead(out var entry)) entries.Add(entry);
    }

    private async Task CommitAsync(List<Entry> entries)
    {
        var rows = new List<PredictionRow>(entries.Count);
        foreach (var entry in entries) Render(entry, rows);
        if (rows.Count > 0) await AppendAsync(rows);
    }

    // One record that cannot be written must not end the writer, and with it all later ones.
    private void Render(Entry entry, List<PredictionRow> rows)
    {
        try
        {
            for (var i = 0; i < entry.Count; i++) rows.Add(entry.Batch!.RowAt(entry.First + i, _json)); // has rows
        }
        catch (Exception failure)
        {
            _metrics.LogFailed();
            Log.CannotRenderPrediction(_logger, failure);
        }
    }

    private async Task AppendAsync(List<PredictionRow> rows)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _store.AppendAsync(rows, CancellationToken.None);
                _metrics.PredictionsLogged(rows.Count);
                return;
            }
            catch (Exception failure)
            {
                _metrics.LogFailed();
                Log.CannotWritePredictions(_logger, rows.Count, failure);
                if (_stopping.IsCancellationRequested && attempt >= AttemptsWhenStopping)
                {
                    Log.PredictionsLost(_logger, rows.Count);
                    return;
                }
            }

            await Task.Delay(RetryPause);
        }
    }

    private static bool IsRefusal(Exception failure, CancellationToken cancellationToken) =>
        failure is ChannelClosedException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Some rows of a batch, or none: then only a mark in the queue's order.</summary>
    private readonly record struct Entry(PredictionBatch? Batch, int First, int Count, TaskCompletionSource? Committed);
}
