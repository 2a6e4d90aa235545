using System.Collections.Concurrent;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Canary;
using Gyre.Serving.Traffic.Shadow;
using Gyre.Serving.Traffic.Storage;

namespace Gyre.Serving.Traffic;

/// <summary>
/// Keeps this process's counters and writes them to the database, under a name of its own, so that all servers' add up.
/// Who is killed between two writes loses the counts of that second, nothing else. Thread-safe.
/// </summary>
internal sealed class TrafficCounts(ArmStore arms, ShadowStore shadows, ShadowMirror mirror, TimeProvider time)
    : IDisposable
{
    private readonly string _server = new IdGenerator(time).Next();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<ArmKey, ArmCounters> _arms = new();
    private readonly Dictionary<ArmKey, long> _armsWritten = [];
    private readonly Dictionary<(string Model, long Epoch), long> _shadowsWritten = [];

    /// <summary>The counters of an arm: the same ones as long as its policy is under way.</summary>
    public ArmCounters Of(ArmKey key) => _arms.GetOrAdd(key, static _ => new ArmCounters());

    /// <summary>
    /// Writes what has been counted since the last time; completes after the commit. Counters of policies that are no
    /// longer under way are written a last time and forgotten.
    /// </summary>
    public async Task WriteAsync(
        IReadOnlyCollection<(string Model, long Epoch)> active, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteArmsAsync(cancellationToken);
            await WriteShadowsAsync(cancellationToken);
            foreach (var key in _arms.Keys.Where(key => !active.Contains((key.Model, key.Epoch))))
            {
                if (_arms.TryRemove(key, out _)) _armsWritten.Remove(key);
            }

            foreach (var policy in _shadowsWritten.Keys.Where(policy => !active.Contains(policy)).ToList())
            {
                mirror.Forget(policy);
                _shadowsWritten.Remove(policy);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task WriteArmsAsync(CancellationToken cancellationToken)
    {
        List<(ArmKey Key, ArmCounts Counts)> totals =
        [
            .. _arms.Where(pair => pair.Value.Requests != _armsWritten.GetValueOrDefault(pair.Key))
                .Select(pair => (pair.Key, pair.Value.Read())),
        ];
        if (totals.Count == 0) return;
        await arms.WriteAsync(_server, totals, cancellationToken);
        foreach (var (key, counts) in totals) _armsWritten[key] = counts.Requests;
    }

    private async Task WriteShadowsAsync(CancellationToken cancellationToken)
    {
        var totals = mirror.Read()
            .Where(pair => Seen(pair.Totals) != _shadowsWritten.GetValueOrDefault(pair.Policy)).ToList();
        if (totals.Count == 0) return;
        await shadows.WriteAsync(_server, totals, cancellationToken);
        foreach (var (policy, sums) in totals) _shadowsWritten[policy] = Seen(sums);
    }

    private static long Seen(ShadowTotals totals) => totals.Requests + totals.Failed + totals.Dropped;
}
