using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>What one batch may hold, and of what form; checked whole before anything is written.</summary>
internal static class BatchLimits
{
    private const int MaxMetrics = 1000;
    private const int MaxParameters = 100;
    private const int MaxTags = 100;
    private const int MaxEntities = 1000;

    /// <summary>Checks a batch.</summary>
    /// <exception cref="GyreException">It has too much of something, a wrong name, or a parameter twice.</exception>
    public static void Check(ClientBatch batch)
    {
        CheckCount("metrics", batch.Metrics.Count, MaxMetrics);
        CheckCount("params", batch.Parameters.Count, MaxParameters);
        CheckCount("tags", batch.Tags.Count, MaxTags);
        CheckCount(
            "metrics, params, and tags", batch.Metrics.Count + batch.Parameters.Count + batch.Tags.Count, MaxEntities);
        for (var i = 0; i < batch.Metrics.Count; i++) CheckMetric(batch.Metrics[i], i);
        for (var i = 0; i < batch.Parameters.Count; i++) RunNames.Check(batch.Parameters[i].Key, $"params[{i}].key");
        for (var i = 0; i < batch.Tags.Count; i++) RunNames.Check(batch.Tags[i].Key, $"tags[{i}].key");
        CheckDistinct(batch.Parameters);
    }

    /// <summary>Checks a point.</summary>
    /// <param name="point">The point.</param>
    /// <param name="index">Where it stands in its batch; negative for a single one.</param>
    public static void CheckMetric(in MetricPoint point, int index = -1)
    {
        if (!RunNames.IsSimple(point.Key)) RunNames.Check(point.Key, PathOf("name"));
        if (point.Timestamp >= 0) return;
        throw GyreException.Invalid(
            $"Invalid value {point.Timestamp} for parameter '{PathOf("timestamp")}' supplied: metric '{point.Key}' "
            + "needs a nonnegative long as timestamp.");

        string PathOf(string field) => index < 0 ? field : $"metrics[{index}].{field}";
    }

    private static void CheckCount(string what, int count, int most)
    {
        if (count <= most) return;
        throw GyreException.Invalid(
            $"A batch logging request can contain at most {most} {what}. Got {count} {what}. Please split up {what} "
            + "across multiple requests and try again.");
    }

    private static void CheckDistinct(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, _) in parameters)
        {
            if (seen.Add(key)) continue;
            throw GyreException.Invalid(
                $"Duplicate parameter keys have been submitted: ['{key}']. Please ensure the request contains only one "
                + "param value per param key.");
        }
    }
}
