using System.Threading.Channels;
using Gyre.Serving.Requests;
using Gyre.Serving.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving.Recording;

/// <summary>
/// Records refused requests, at a bounded rate into a bounded table: a client that sends nothing but nonsense costs
/// neither disk nor the time of the others. What is not stored is counted. Thread-safe.
/// </summary>
internal sealed class RejectionLog(
    RejectionStore store, ServingOptions options, ServingMetrics metrics, TimeProvider time,
    ILogger<RejectionLog> logger)
    : BackgroundService
{
    private const int QueueLength = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Channel<RejectionRow> _queue = Channel.CreateBounded<RejectionRow>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TokenBucket _tokens =
        new(options.RejectionsLoggedPerSecond, options.RejectionsLoggedPerSecond * 5);

    /// <summary>Records a refused request, or counts it when too many came. Never waits.</summary>
    public void Record(string model, RequestRejectedException rejection)
    {
        var reason = rejection.Reason.Name();
        var row = new RejectionRow(model, time.GetUtcNow(), reason, rejection.Column, rejection.Message);
        if (!_tokens.TryTake() || !_queue.Writer.TryWrite(row)) metrics.RejectionsNotLogged(1);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writing) await writing.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rows = new List<RejectionRow>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (_queue.Reader.TryRead(out var row)) rows.Add(row);
            try
            {
                await store.AppendAsync(rows, options.RejectionsKept, CancellationToken.None);
            }
            catch (Exception failure)
            {
                metrics.RejectionsNotLogged(rows.Count);
                Log.CannotWriteRejections(logger, rows.Count, failure);
            }

            rows.Clear();
            await Task.Delay(Pause, CancellationToken.None);
        }
    }
}
