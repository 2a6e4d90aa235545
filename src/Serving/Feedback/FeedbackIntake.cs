using Gyre.Serving.Storage;

namespace Gyre.Serving.Feedback;

/// <summary>Takes feedback in. Thread-safe.</summary>
internal sealed class FeedbackIntake(
    FeedbackStore store, Recording.PredictionLog log, ServingMetrics metrics, TimeProvider time)
{
    /// <summary>Stores what can be stored; completes after the commit.</summary>
    /// <returns>The status of each item.</returns>
    public async Task<FeedbackStatus[]> TakeAsync(
        string model, IReadOnlyList<FeedbackItem> items, CancellationToken cancellationToken)
    {
        var status = new FeedbackStatus[items.Count];
        Array.Fill(status, FeedbackStatus.Invalid);
        await StoreAsync(model, items, status, FeedbackStatus.Invalid, cancellationToken);
        for (var i = 0; i < status.Length; i++)
        {
            if (status[i] == FeedbackStatus.Unknown && !log.IsSampled(model, items[i].PredictionId))
                status[i] = FeedbackStatus.Unsampled;
        }

        if (status.Contains(FeedbackStatus.Unknown))
        {
            // Feedback can be faster than the prediction's own record, which follows its answer by some milliseconds.
            await log.FlushAsync(cancellationToken);
            await StoreAsync(model, items, status, FeedbackStatus.Unknown, cancellationToken);
        }

        foreach (var group in status.CountBy(s => s)) metrics.Feedback(model, Name(group.Key), group.Value);
        return status;
    }

    /// <summary>The status in answers and metrics.</summary>
    public static string Name(FeedbackStatus status) => status switch
    {
        FeedbackStatus.Accepted => "accepted",
        FeedbackStatus.Unknown => "unknown",
        FeedbackStatus.Unsampled => "unsampled",
        _ => "invalid",
    };

    private async Task StoreAsync(
        string model, IReadOnlyList<FeedbackItem> items, FeedbackStatus[] status, FeedbackStatus open,
        CancellationToken cancellationToken)
    {
        var positions = Enumerable.Range(0, items.Count)
            .Where(i => status[i] == open && items[i].Problem is null)
            .ToArray();
        if (positions.Length == 0) return;
        var known = await store.StoreAsync(
            model, [.. positions.Select(i => items[i])], time.GetUtcNow(), cancellationToken);
        for (var i = 0; i < positions.Length; i++)
            status[positions[i]] = known[i] ? FeedbackStatus.Accepted : FeedbackStatus.Unknown;
    }
}
