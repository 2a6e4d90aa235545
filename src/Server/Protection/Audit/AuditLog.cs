using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Protection.Audit;

/// <summary>
/// Takes entries without waiting and writes them together. Those that find the queue full, or that the store does not
/// take, are counted in <c>gyre_audit_lost_total</c> and told in the log. Thread-safe.
/// </summary>
internal sealed class AuditLog(
    AuditStore store, ProtectionOptions options, TimeProvider time, IMeterFactory meters, ILogger<AuditLog> logger)
    : BackgroundService
{
    private const int QueueLength = 4096;

    private readonly Channel<AuditEntry> _queue = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly Counter<long> _lost = meters.Create("Gyre.Protection").CreateCounter<long>(
        "gyre.audit.lost", null, "Entries of the audit log that could not be written.");

    /// <summary>Takes an entry. Never waits.</summary>
    public void Record(AuditEntry entry)
    {
        if (!_queue.Writer.TryWrite(entry)) _lost.Add(1);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writing) await writing.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var entries = new List<AuditEntry>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (entries.Count < QueueLength && _queue.Reader.TryRead(out var entry)) entries.Add(entry);
            try
            {
                await store.AppendAsync(
                    entries, time.GetUtcNow() - options.AuditRetention, options.AuditEntriesKept,
                    CancellationToken.None);
            }
            catch (Exception failure)
            {
                _lost.Add(entries.Count);
                Log.CannotWriteAudit(logger, entries.Count, failure);
            }

            entries.Clear();
        }
    }
}
