using System.Collections.Frozen;
using System.Security.Cryptography;
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
    private readonly FrozenDictionary<string, LogPolicy> _policies;
    private readonly LogKeyStore _keys;
    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource _urgent = NewSignal();
    private Task _writing = Task.CompletedTask;

    public PredictionLog(
        PredictionStore store, LogKeyStore keys, ServingOptions options, ServingMetrics metrics,
        ILogger<PredictionLog> logger)
    {
        (_store, _keys, _options, _metrics, _logger) = (store, keys, options, metrics, logger);
        _policies = options.LogPolicies.ToFrozenDictionary(StringComparer.Ordinal);
        _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(options.LogQueueLength)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
        metrics.Meter.CreateObservableGauge("gyre.prediction.log.queue.length", () => _queue.Reader.Count, null,
            "Entries that wait to be written; one entry holds up to 16 records of one request.");
    }

    /// <summary>Whether a prediction is one that is recorded, by the share that is sampled of its model now.</summary>
    public bool IsSampled(string model, string id) =>
        !_policies.TryGetValue(model, out var policy) || LogSample.Contains(id, policy.Sample);

    /// <summary>
    /// Takes a request's records. Completes when they are in the queue, or, under strict logging, when they are
    /// committed.
    /// </summary>
    /// <exception cref="GyreException">That took longer than <see cref="ServingOptions.LogTimeout"/>.</exception>
    public async ValueTask RecordAsync(PredictionBatch batch, CancellationToken cancellationToken)
    {
        if (!HasSampled(batch)) return;
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

    private bool HasSampled(PredictionBatch batch)
    {
        if (_policies.Count == 0 || batch.Ids.Any(id => IsSampled(batch.Model, id))) return true;
        _metrics.PredictionsNotSampled(batch.Ids.Length);
        return false;
    }

    private async Task WriteAllAsync()
    {
        var redactors = await CreateRedactorsAsync();
        await WarmUpAsync();
        while (await _queue.Reader.WaitToReadAsync())
        {
            // Set before the queue is read: whoever is in a hurry from here on ends the pause below.
            var urgent = _urgent = NewSignal();
            var taken = Collect(0, redactors);
            if (taken < EntriesPerCommit && _blocks.Length < BytesPerCommit && _waiting.Count == 0)
            {
                await Task.WhenAny(Task.Delay(_options.CommitInterval), urgent.Task);
                Collect(taken, redactors);
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

    // Nothing is written before the key of hashes is there: a record must not go out with its values instead.
    private async Task<FrozenDictionary<string, InputRedactor>> CreateRedactorsAsync()
    {
        byte[]? key = _policies.Values.Any(policy => policy.Redact.ContainsValue(Redaction.Hash)) ? null : [];
        while (key is null)
        {
            try
            {
                key = _keys.Get();
            }
            catch (Exception failure)
            {
                Log.CannotReadLogKey(_logger, failure);
                // The records will be refused for the same reason; the values of those that are not stay hidden.
                if (_stopping.IsCancellationRequested) key = RandomNumberGenerator.GetBytes(32);
                else await Task.Delay(RetryPause);
            }
        }

        return _policies.Where(pair => !pair.Value.Redact.IsEmpty).ToFrozenDictionary(
            pair => pair.Key, pair => new InputRedactor(pair.Value.Redact, key), StringComparer.Ordinal);
    }

    private int Collect(int taken, FrozenDictionary<string, InputRedactor> redactors)
    {
        while (taken < EntriesPerCommit && _blocks.Length < BytesPerCommit && _queue.Reader.TryRead(out var entry))
        {
            if (entry.Batch is { } batch) Render(batch, entry.First, entry.Count, redactors.GetValueOrDefault(batch.Model));
            if (entry.Committed is not null) _waiting.Add(entry.Committed);
            taken++;
        }

        return taken;
    }

    private void Render(PredictionBatch batch, int first, int count, InputRedactor? redactor)
    {
        for (var row = first; row < first + count; row++)
        {
            if (IsSampled(batch.Model, batch.Ids[row])) Render(batch, row, redactor);
            else _metrics.PredictionsNotSampled(1);
        }
    }

    // One record that cannot be written must not end the writer, and with it all later ones.
    private void Render(PredictionBatch batch, int row, InputRedactor? redactor)
    {
        try
        {
            _blocks.Add(batch, row, redactor);
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
