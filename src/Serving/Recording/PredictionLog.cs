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
    private const int EntriesPerCommit = 1024;
    private const int BytesPerCommit = 4 << 20;
    private const int AttemptsWhenStopping = 5;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly PredictionStore _store;
    private readonly ServingOptions _options;
    private readonly ServingMetrics _metrics;
    private readonly ILogger<PredictionLog> _logger;
    private readonly Channel<Entry> _queue;
    private readonly BlockCollector _blocks = new();
    private readonly List<TaskCompletionSource> _waiting = [];
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
        _blocks.Dispose();
        _stopping.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await WarmUpAsync();
        while (await _queue.Reader.WaitToReadAsync())
        {
            // Set before the queue is read: whoever is in a hurry from here on ends the pause below.
            var urgent = _urgent = NewSignal();
            var taken = Collect(0);
            if (taken < EntriesPerCommit && _blocks.Length < BytesPerCommit && _waiting.Count == 0)
            {
                await Task.WhenAny(Task.Delay(_options.CommitInterval), urgent.Task);
                Collect(taken);
            }

            _blocks.Close();
            if (_blocks.Rows > 0) await AppendAsync();
            _blocks.Clear();
            foreach (var committed in _waiting) committed.TrySetResult();
            _waiting.Clear();
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

    private int Collect(int taken)
    {
        while (taken < EntriesPerCommit && _blocks.Length < BytesPerCommit && _queue.Reader.TryRead(out var entry))
        {
            for (var row = entry.First; row < entry.First + entry.Count; row++) Render(entry.Batch!, row); // has rows
            if (entry.Committed is not null) _waiting.Add(entry.Committed);
            taken++;
        }

        return taken;
    }

    // One record that cannot be written must not end the writer, and with it all later ones.
    private void Render(PredictionBatch batch, int row)
    {
        try
        {
            _blocks.Add(batch, row);
        }
        catch (Exception failure)
        {
            _metrics.LogFailed();
            Log.CannotRenderPrediction(_logger, failure);
        }
    }

    private async Task AppendAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _store.AppendAsync(_blocks.Blocks, CancellationToken.None);
                _metrics.PredictionsLogged(_blocks.Rows);
                return;
            }
            catch (Exception failure)
            {
                _metrics.LogFailed();
                Log.CannotWritePredictions(_logger, _blocks.Rows, failure);
                if (_stopping.IsCancellationRequested && attempt >= AttemptsWhenStopping)
                {
                    Log.PredictionsLost(_logger, _blocks.Rows);
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
