using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Recording;

/// <summary>Gives predictions their ids and hands them to the log. Thread-safe.</summary>
internal sealed class PredictionRecorder(PredictionLog log, TimeProvider time)
{
    private readonly IdGenerator _ids = new(time);

    /// <summary>The time, on the clock that records carry.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>
    /// Records a request's predictions; see <see cref="PredictionLog.RecordAsync"/> for when it completes.
    /// </summary>
    /// <returns>One prediction id per row.</returns>
    public async ValueTask<string[]> RecordAsync(
        ServedModel model, ModelInputs inputs, ModelOutputs outputs, DateTimeOffset requestedAt, TimeSpan latency,
        CancellationToken cancellationToken)
    {
        var ids = new string[outputs.Rows];
        for (var i = 0; i < ids.Length; i++) ids[i] = _ids.Next();
        var batch = new PredictionBatch(model.Name, model.Version, requestedAt, ids, inputs, outputs, latency);
        await log.RecordAsync(batch, cancellationToken);
        return ids;
    }
}
