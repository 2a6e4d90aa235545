using System.Diagnostics;
using System.Globalization;
using Gyre.Serving.Engine;
using Gyre.Serving.Measurements;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>
/// Loads versions and warms them up: the first predictions allocate what the later ones use again, and no client should
/// wait for that. Thread-safe.
/// </summary>
internal sealed class VersionLoader(ScorerLoader load, ServingOptions options, ServingMetrics metrics)
{
    private const int JoinedRows = 16;
    private const int Trials = 3;

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
            var row = new TableInputs(EmptyRow(scorer.Value.Inputs));
            var alone = Fastest(() => scorer.Value.Score(row));
            var joins = scorer.Value.CanJoin && Joining(scorer.Value, row) < WorthwhileShare * JoinedRows * alone;
            return Measured(model, version, scorer, joins);
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
        var batcher = new Batcher(scorer.Value, options, joins) { Ran = rows => metrics.BatchScored(model, text, counters, rows) };
        counters.Waiting = () => batcher.QueuedRequests;
        return new ServedModel(model, version, scorer, batcher)
        {
            Counters = counters,
            Unloaded = () => metrics.Measurements.Unloaded(model, text),
        };
    }

    private static long Joining(IScorer scorer, ModelInputs row)
    {
        var rows = Enumerable.Repeat(row, JoinedRows).ToArray();
        return Fastest(() => scorer.ScoreJoined(rows));
    }

    private static long Fastest(Action action)
    {
        var best = long.MaxValue;
        for (var i = 0; i < Trials; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
        }

        return best;
    }

    private static Table EmptyRow(Schema schema) => new(schema, [.. schema.Select(column => (Column)(column.Type switch
    {
        ColumnType.Numeric => new Column<double>(column.Name, column.Type, [0]),
        ColumnType.Integer or ColumnType.Timestamp => new Column<long>(column.Name, column.Type, [0]),
        ColumnType.Boolean => new Column<bool>(column.Name, column.Type, [false]),
        ColumnType.Image when column.Image is { } shape => new ImageColumn(column.Name, shape, new byte[shape.Size]),
        _ => CategoricalColumn.FromValues(column.Name, column.Type, [""]),
    }))]);
}
