using System.Text.Json;
using Gyre.Serving.Traffic.Statistics;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Traffic.Outcomes;

/// <summary>What versions' predictions came to.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="ByVersion">Its values by version; absent without feedback.</param>
internal sealed record Outcomes(string Metric, IReadOnlyDictionary<int, RunningMoments> ByVersion)
{
    /// <summary>The values of a version.</summary>
    public RunningMoments Of(int version) => ByVersion.GetValueOrDefault(version);
}

/// <summary>
/// Reads outcomes from the prediction log and its feedback, which all servers share. Reads again only when there is
/// other feedback than at the last time. Thread-safe.
/// </summary>
internal sealed class OutcomeReader(TrackingDatabase database)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Cached> _cache = new(StringComparer.Ordinal);

    /// <summary>
    /// The outcomes of a model's predictions since a time; null without feedback that fits the metric.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="since">Predictions from then on.</param>
    /// <param name="metric">The metric, or null for the one that fits the output.</param>
    public Outcomes? Read(string model, DateTimeOffset since, string? metric)
    {
        using var connection = database.OpenConnection();
        var state = connection.Query(
            "SELECT count(*), coalesce(max(received_at), 0) FROM gyre_feedback WHERE model = $1 AND received_at >= $2",
            reader => (reader.GetInt64(0), reader.GetInt64(1)), model, since.ToUnixTimeMilliseconds())[0];
        if (state.Item1 == 0) return null;
        lock (_lock)
        {
            if (_cache.TryGetValue(model, out var cached) && cached.Fits(since, metric, state)) return cached.Outcomes;
        }

        // A block's requests arrived within 10 s: its earliest tells by an index whether it can hold any of these.
        using var command = connection.Command(
            """
            SELECT p.version, p.output, f.actual FROM gyre_predictions p
            JOIN gyre_feedback f ON f.prediction_id = p.prediction_id
            WHERE p.model = $1 AND p.first_at > $2 - 10000 AND p.requested_at >= $2
            """,
            model, since.ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        var sums = new Dictionary<int, RunningMoments>();
        var chosen = metric;
        while (reader.Read())
        {
            using var output = JsonDocument.Parse(reader.GetString(1));
            using var actual = JsonDocument.Parse(reader.GetString(2));
            chosen ??= OutcomeMetric.DefaultFor(output.RootElement);
            if (OutcomeMetric.Compute(chosen, output.RootElement, actual.RootElement) is not { } value) continue;
            var version = reader.GetInt32(0);
            sums[version] = sums.GetValueOrDefault(version).Add(value);
        }

        var outcomes = chosen is null || sums.Count == 0 ? null : new Outcomes(chosen, sums);
        lock (_lock) _cache[model] = new Cached(since, metric, state, outcomes);
        return outcomes;
    }

    private sealed record Cached(DateTimeOffset Since, string? Metric, (long, long) State, Outcomes? Outcomes)
    {
        public bool Fits(DateTimeOffset since, string? metric, (long, long) state) =>
            (Since, Metric, State) == (since, metric, state);
    }
}
