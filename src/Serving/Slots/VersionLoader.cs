using System.Diagnostics;
using System.Globalization;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Serving.Requests;

namespace Gyre.Serving.Slots;

/// <summary>
/// Loads versions and warms them up: the first predictions allocate what the later ones use again, and no client should
/// wait for that. Thread-safe.
/// </summary>
internal sealed class VersionLoader(ScorerLoader load, ServingOptions options, ServingMetrics metrics)
{
    private const int JoinedRows = 16;
    private const int AlonePerTrial = 4;
    private const int LeastTrials = 3;
    private const int MostTrials = 40;

    /// <summary>Of models that are so slow, a few trials tell enough.</summary>
    private static readonly TimeSpan LongestTrial = TimeSpan.FromMilliseconds(30);

    /// <summary>Joining must save this share of the time of one by one; less is not worth a queue.</summary>
    private const double WorthwhileShare = 0.7;

    private readonly ScorerPool _scorers = new(load);

    /// <summary>Loads a version.</summary>
    /// <exception cref="Primitives.GyreException">The package cannot be loaded, or cannot predict.</exception>
    public ServedModel Load(string model, int version, string folder)
    {
        using var span = ServingTraces.Load(model, version);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var loaded = Warm(model, version, folder);
            metrics.Loaded(model, Stopwatch.GetElapsedTime(started));
            return loaded;
        }
        catch (Exception failure)
        {
            metrics.LoadFailed(model);
            span?.SetStatus(ActivityStatusCode.Error, failure.Message);
            throw;
        }
    }

    private ServedModel Warm(string model, int version, string folder)
    {
        var scorer = _scorers.Acquire(folder);
        try
        {
            return Measured(model, version, scorer, WarmUp(scorer.Value));
        }
        catch
        {
            scorer.Release();
            throw;
        }
    }

    private ServedModel Measured(string model, int version, Shared<IScorer> scorer, bool joins)
    {
        var text = version.ToString(CultureInfo.InvariantCulture);
        var counters = metrics.Measurements.Loaded(model, text);
        var batcher = new Batcher(scorer.Value, options, joins)
        {
            Ran = rows => metrics.BatchScored(model, text, counters, rows),
        };
        counters.Waiting = () => batcher.QueuedRequests;
        return new ServedModel(model, version, scorer, batcher)
        {
            Counters = counters,
            Unloaded = () => metrics.Measurements.Unloaded(model, text),
        };
    }

    /// <returns>Whether joining requests pays.</returns>
    private static bool WarmUp(IScorer scorer)
    {
        var row = ExampleInputs.Of(scorer);
        try
        {
            scorer.Score(row);
            return scorer.CanJoin && JoiningPays(scorer, row);
        }
        catch (RequestRejectedException) when (!scorer.Tensors.IsEmpty)
        {
            // Zeros, and 1 for free dimensions, are a guess: that a graph cannot compute them says nothing of real
            // inputs.
            return false;
        }
    }

    // In turns, and by the fastest of each: what else the machine does slows both down, and new code is slow at first.
    private static bool JoiningPays(IScorer scorer, ModelInputs row)
    {
        var rows = Enumerable.Repeat(row, JoinedRows).ToArray();
        var (alone, joined) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var started = Stopwatch.GetTimestamp();
        for (var trial = 1; trial <= MostTrials; trial++)
        {
            for (var i = 0; i < AlonePerTrial; i++) alone = Least(alone, Time(() => scorer.Score(row)));
            joined = Least(joined, Time(() => scorer.ScoreJoined(rows)));
            if (trial >= LeastTrials && Stopwatch.GetElapsedTime(started) > LongestTrial) break;
        }

        return joined < WorthwhileShare * JoinedRows * alone;
    }

    private static TimeSpan Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
