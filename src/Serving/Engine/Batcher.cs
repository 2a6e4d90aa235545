using System.Collections.Concurrent;
using System.Diagnostics;
using Gyre.Primitives;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Engine;

/// <summary>
/// Scores the requests of one model version and joins them where that pays. A request that finds nothing running and no
/// work waiting for a thread is scored at once by its own thread. Any other goes into a queue, and a run for the queue is
/// put behind the work that the thread pool has to do already: on an idle machine that run starts at once, on a busy
/// one the requests that the pool takes first have joined the queue by then. Nothing ever waits for a batch to fill.
/// Requests are joined only for models that score a batch in less time than its rows one by one, which is measured
/// when the version is loaded; of other models each processor scores one request at a time, from the same queue.
/// Thread-safe.
/// </summary>
internal sealed class Batcher : IThreadPoolWorkItem
{
    /// <summary>More rows gain little and make the first of a batch wait for the last.</summary>
    internal const int MostRows = 64;

    private readonly IScorer _scorer;
    private readonly ServingOptions _options;
    private readonly ConcurrentQueue<ScoreRequest> _queue = new();
    private readonly Func<bool> _isBusy;
    private readonly bool _joins;
    private readonly int _atOnce;
    private int _queued;
    private int _running;
    private int _scheduled;
    private long _ticksPerRow;

    /// <param name="scorer">What is run.</param>
    /// <param name="options">The limits of the queue and of waiting.</param>
    /// <param name="joins">Whether several requests in one run take less time than one by one.</param>
    /// <param name="isBusy">Whether work waits for a thread; by default, asks the thread pool.</param>
    public Batcher(IScorer scorer, ServingOptions options, bool joins, Func<bool>? isBusy = null) =>
        (_scorer, _options, _joins, _atOnce, _isBusy) =
            (scorer, options, joins && scorer.CanJoin, joins && scorer.CanJoin ? 1 : Environment.ProcessorCount,
                isBusy ?? (() => ThreadPool.PendingWorkItemCount > 0));

    /// <summary>How many rows wait.</summary>
    public int QueuedRows => Volatile.Read(ref _queued);

    /// <summary>How many requests wait.</summary>
    public int QueuedRequests => _queue.Count;

    /// <summary>Told of each run of the model with its number of rows.</summary>
    public Action<int>? Ran { get; init; }

    /// <summary>Whether requests are joined at all.</summary>
    public bool Joins => _joins;

    /// <summary>Scores a request.</summary>
    /// <exception cref="GyreException">The queue is full, or the request would be late.</exception>
    /// <exception cref="OperationCanceledException">The client has gone; nothing was scored for it.</exception>
    public ValueTask<Scored> ScoreAsync(ModelInputs inputs, Arrival arrival, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsIdle) return new ValueTask<Scored>(ScoreAlone(inputs));
        Enter(inputs.Rows, arrival);
        var deadline = arrival.Timestamp + (long)(_options.QueueTimeout.TotalSeconds * Stopwatch.Frequency);
        var request = new ScoreRequest(inputs, deadline, cancellationToken);
        _queue.Enqueue(request);
        Schedule();
        return new ValueTask<Scored>(request.Task);
    }

    /// <summary>Scores what has gathered. Called by the thread pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _scheduled, 0);
        // More runs than processors only slow each other down, whatever number of threads the pool has by then. Whoever
        // ends one goes on with the queue.
        if (Interlocked.Increment(ref _running) <= Environment.ProcessorCount)
        {
            var batch = Take();
            if (!_queue.IsEmpty) Schedule();
            if (batch.Count > 0) Run(batch);
        }

        EndRun();
    }

    private void EndRun()
    {
        if (Interlocked.Decrement(ref _running) < Environment.ProcessorCount && !_queue.IsEmpty) Schedule();
    }

    // Work that waits for the pool's threads is mostly other requests: this one had better wait for them in the queue.
    private bool IsIdle => Volatile.Read(ref _running) < _atOnce && Volatile.Read(ref _queued) == 0
        && (!_joins || !_isBusy());

    private Scored ScoreAlone(ModelInputs inputs)
    {
        Interlocked.Increment(ref _running);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var outputs = _scorer.Score(inputs);
            Ran?.Invoke(inputs.Rows);
            var end = Stopwatch.GetTimestamp();
            Remember((end - start) / inputs.Rows);
            return new Scored(outputs, TimeSpan.Zero, Stopwatch.GetElapsedTime(start, end));
        }
        finally
        {
            EndRun();
        }
    }

    /// <summary>Turns a request away whose answer would be late, before anything is done for it.</summary>
    /// <exception cref="GyreException">The queue is full, or too long.</exception>
    public void Admit(Arrival arrival)
    {
        if (IsTooLong(Volatile.Read(ref _queued), arrival)) throw Saturation.Of(_options.QueueTimeout);
    }

    private void Enter(int rows, Arrival arrival)
    {
        // A request of more rows than the queue holds may wait alone.
        var queued = Interlocked.Add(ref _queued, rows);
        if (!IsTooLong(queued == rows ? 0 : queued, arrival)) return;
        Interlocked.Add(ref _queued, -rows);
        throw Saturation.Of(_options.QueueTimeout);
    }

    private bool IsTooLong(int rows, Arrival arrival)
    {
        var wait = TimeSpan.FromSeconds(
            (double)rows * Volatile.Read(ref _ticksPerRow) / Stopwatch.Frequency / Environment.ProcessorCount);
        return rows > _options.QueueRows
            || Stopwatch.GetElapsedTime(arrival.Timestamp) + wait > _options.QueueTimeout;
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private List<ScoreRequest> Take()
    {
        var batch = new List<ScoreRequest>();
        var rows = 0;
        var now = Stopwatch.GetTimestamp();
        while (rows < (_joins ? MostRows : 1) && _queue.TryDequeue(out var request))
        {
            Interlocked.Add(ref _queued, -request.Inputs.Rows);
            if (request.IsCancelled) request.Cancel();
            else if (request.IsLate(now)) request.TrySetException(Saturation.Of(_options.QueueTimeout));
            else
            {
                batch.Add(request);
                rows += request.Inputs.Rows;
            }
        }

        return batch;
    }

    private void Run(List<ScoreRequest> batch)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            ModelOutputs[] outputs = batch.Count == 1
                ? [_scorer.Score(batch[0].Inputs)]
                : _scorer.ScoreJoined(batch.ConvertAll(request => request.Inputs));
            var end = Stopwatch.GetTimestamp();
            var rows = outputs.Sum(output => output.Rows);
            Remember((end - start) / rows);
            Ran?.Invoke(rows);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].TrySetResult(new Scored(outputs[i], Stopwatch.GetElapsedTime(batch[i].Enqueued, start),
                    Stopwatch.GetElapsedTime(start, end)));
            }
        }
        catch (Exception failure)
        {
            FailAlone(batch, failure);
        }
    }

    /// <summary>One request's failure must not be its neighbours': each is tried by itself.</summary>
    private void FailAlone(List<ScoreRequest> batch, Exception failure)
    {
        foreach (var request in batch)
        {
            if (batch.Count == 1) request.TrySetException(failure);
            else Run([request]);
        }
    }

    // A moving average: only an estimate for turning requests away, so that a lost update does not matter.
    private void Remember(long ticksPerRow)
    {
        var known = Volatile.Read(ref _ticksPerRow);
        Volatile.Write(ref _ticksPerRow, known == 0 ? ticksPerRow : known + ((ticksPerRow - known) / 16));
    }
}

/// <summary>The answer to requests that cannot be served in time.</summary>
internal static class Saturation
{
    /// <summary>More requests than can be answered in time.</summary>
    public static GyreException Of(TimeSpan timeout) => new(
        ErrorCode.Unavailable,
        $"Too many requests: this one would have waited longer than {timeout.TotalSeconds:0.###} s; try again.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
