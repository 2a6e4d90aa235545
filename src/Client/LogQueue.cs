using System.Threading.Channels;

namespace Gyre.Client;

/// <summary>
/// What a run logged and the server has not yet: bounded, so that a slow server slows the logging instead of filling the
/// memory. One task takes what has gathered, waiting a moment for more, and sends it as one batch.
/// </summary>
internal sealed class LogQueue : IAsyncDisposable
{
    private const int Capacity = 20_000;
    private const int MaxBatch = 1000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private readonly Channel<object> _channel = Channel.CreateBounded<object>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly MlflowClient _client;
    private readonly string _runId;
    private readonly Task _sender;
    private MlflowException? _refusal;

    public LogQueue(MlflowClient client, string runId)
    {
        (_client, _runId) = (client, runId);
        _sender = Task.Run(SendAllAsync);
    }

    /// <summary>Takes a <see cref="Metric"/>, <see cref="Param"/> or <see cref="Tag"/>; waits while full.</summary>
    /// <exception cref="ObjectDisposedException">The run has ended.</exception>
    public void Add(object item)
    {
        if (_channel.Writer.TryWrite(item)) return;
        try
        {
            _channel.Writer.WriteAsync(item).AsTask().GetAwaiter().GetResult();
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ActiveRun));
        }
    }

    /// <summary>Completes when all that was added before is stored.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var mark = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _channel.Writer.WriteAsync(mark, cancellationToken).ConfigureAwait(false);
        await mark.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        ThrowRefusal();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        await _sender.ConfigureAwait(false);
        ThrowRefusal();
    }

    private void ThrowRefusal()
    {
        if (Interlocked.Exchange(ref _refusal, null) is { } refusal)
            throw new MlflowException(refusal.Message, refusal.ErrorCode, refusal.Status, refusal);
    }

    private async Task SendAllAsync()
    {
        var reader = _channel.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            if (reader.Count < MaxBatch && !reader.Completion.IsCompleted && reader.TryPeek(out var first)
                && first is not TaskCompletionSource)
                await Task.WhenAny(Task.Delay(Gather, _client.Time), reader.Completion).ConfigureAwait(false);
            await SendBatchAsync(reader).ConfigureAwait(false);
        }
    }

    private async Task SendBatchAsync(ChannelReader<object> reader)
    {
        var (metrics, parameters, tags) = (new List<Metric>(), new List<Param>(), new List<Tag>());
        var marks = new List<TaskCompletionSource>();
        while (metrics.Count + parameters.Count + tags.Count < MaxBatch && reader.TryRead(out var item))
        {
            switch (item)
            {
                case Metric metric: metrics.Add(metric); break;
                case Param param: parameters.Add(param); break;
                case Tag tag: tags.Add(tag); break;
                case TaskCompletionSource mark: marks.Add(mark); break;
            }
        }

        // A parameter twice in one batch is refused whole; the same one with the same value is no mistake.
        parameters = [.. parameters.Distinct()];
        await SendAsync(() => _client.LogBatchAsync(_runId, metrics), metrics.Count).ConfigureAwait(false);
        foreach (var part in Parts(parameters))
            await SendAsync(() => _client.LogBatchAsync(_runId, parameters: part), part.Count).ConfigureAwait(false);
        await SendAsync(() => _client.LogBatchAsync(_runId, tags: tags), tags.Count).ConfigureAwait(false);
        foreach (var mark in marks) mark.TrySetResult();
    }

    /// <summary>A parameter that was logged with two values goes alone, so that only it is refused.</summary>
    private static List<List<Param>> Parts(List<Param> parameters)
    {
        var parts = new List<List<Param>>();
        foreach (var group in parameters.GroupBy(param => param.Key))
        {
            foreach (var (param, i) in group.Select((param, i) => (param, i)))
            {
                if (parts.Count <= i) parts.Add([]);
                parts[i].Add(param);
            }
        }

        return parts;
    }

    private async Task SendAsync(Func<Task> send, int count)
    {
        if (count == 0) return;
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (MlflowException ex)
        {
            // The first is told, by the next flush or by the end of the run; the rest of the log still goes out.
            Interlocked.CompareExchange(ref _refusal, ex, null);
        }
    }
}
