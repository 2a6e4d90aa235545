using System.Diagnostics;
using System.Globalization;
using Gyre.Cli.Commands;
using Gyre.Data;
using Gyre.Loop;
using Gyre.Loop.Deployment;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Loop.Watching;
using Gyre.Models;
using Gyre.Primitives;

namespace Gyre.Cli.Demo;

/// <summary>
/// The whole loop on bike rentals.
/// <para>
/// 1. `init` and the first run on 2011. 2. A real server on a free port. 3. January to August 2012 hour by hour over
/// HTTP on a simulated clock: each hour is predicted, its actual value is fed back a day later, and every midnight the
/// watcher looks. 4. Half way, somebody submits a worse pipeline. 5. A rollback drill. 6. The figures, against a model that
/// was never retrained and against the same hour a week before.
/// </para>
/// </summary>
internal sealed class BikeDemo(string folder, DemoDisplay display)
{
    private const string Model = "bike";
    private static readonly DateTimeOffset _liveFrom = new(2012, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _mistakeAt = new(2012, 5, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _feedbackDelay = TimeSpan.FromDays(1);

    public async Task<DemoReport> RunAsync(CancellationToken cancellationToken)
    {
        var wall = Stopwatch.StartNew();
        var bikes = await BikeHours.ReadAsync(cancellationToken);
        var clock = new SimulatedClock(_liveFrom);
        await PrepareAsync(bikes, cancellationToken);
        var definition = await PipelineReader.ReadAsync(folder, cancellationToken);

        using var workspace = Workspace.Open(folder, definition.Serving, clock);
        var runner = new PipelineRunner(workspace);
        display.Say("Training on 2011: snapshot, contract, features, three candidates, gates.");
        var first = await runner.RunAsync(definition, RunRequest.Manual, display, cancellationToken);
        display.First(first);

        await using var server = await ServerConnection.StartAsync(folder, clock, cancellationToken);
        var replay = new Replay(server.Client, Model, clock, definition);
        var log = new DemoLog();
        var watcher = new Watcher(workspace, runner);
        display.Begin($"Serving {server.Client.BaseAddress}, replaying January to August 2012 hour by hour.");
        var midnight = _liveFrom.AddDays(1);
        var mistakeMade = false;
        foreach (var hour in bikes.Hours.Where(h => h.At >= _liveFrom))
        {
            for (; midnight <= hour.At; midnight = midnight.AddDays(1))
            {
                clock.Advance(midnight);
                await replay.FeedBackAsync(midnight - _feedbackDelay, cancellationToken);
                await WatchAsync(definition, watcher, log, replay, cancellationToken);
                if (midnight < _mistakeAt || mistakeMade) continue;
                mistakeMade = true;
                await MakeMistakeAsync(definition, runner, log, cancellationToken);
            }

            clock.Advance(hour.At);
            await replay.PredictAsync(hour, cancellationToken);
            display.Live(replay, log);
        }

        display.End(replay, log);
        var drill = await new RollbackDrill(workspace, server.Client).RunAsync(Model, cancellationToken);
        var report = Report(bikes, workspace, replay, log, drill, wall);
        display.Summary(report);
        return report;
    }

    /// <summary>
    /// The rows of 2011 as a file, and the pipeline file that `gyre init` writes for them, edited as its reader would: trees
    /// that are small and learn fast, since some twenty retrainings shall fit into a minute.
    /// </summary>
    private async Task PrepareAsync(BikeHours bikes, CancellationToken cancellationToken)
    {
        var source = Path.Combine(folder, "bike_2011.csv");
        var lines = bikes.Hours.Where(h => h.At < _liveFrom).Select(h => h.Line).Prepend(bikes.Header);
        await DurableFile.WriteTextAsync(source, string.Join('\n', lines) + "\n", cancellationToken);
        var inspection = await new SourceInspector()
            .InspectAsync(new SourceDefinition([source]), "cnt", "timestamp", cancellationToken);
        display.Inspected(inspection);
        var text = PipelineWriter.Write(Model, ["bike_2011.csv"], inspection).Replace(
            "trainers: [linear, boosting]",
            "trainers: [linear, boosting: { learning_rate: 0.1, max_leaves: 20, early_stopping_rounds: 30, validation_share: 0.1 }]",
            StringComparison.Ordinal);
        await DurableFile.WriteTextAsync(Path.Combine(folder, PipelineReader.FileName), text, cancellationToken);
    }

    private async Task WatchAsync(
        PipelineDefinition definition, Watcher watcher, DemoLog log, Replay replay, CancellationToken cancellationToken)
    {
        var look = await watcher.LookAsync(definition, progress: null, cancellationToken);
        if (look is not { Trigger: { } trigger, Outcome: { } outcome }) return;
        log.Add(replay.Now, trigger, outcome);
        display.Retrained(replay.Now, trigger, outcome);
        if (outcome is { Promoted: true, Version: { } version }) await replay.ServedAsync(version, cancellationToken);
    }

    /// <summary>Somebody drops the hour and the weather from the pipeline, by mistake, and runs it.</summary>
    private async Task MakeMistakeAsync(
        PipelineDefinition definition, PipelineRunner runner, DemoLog log, CancellationToken cancellationToken)
    {
        var worse = definition with { Features = ["weekday", "windspeed"], Derived = [] };
        var outcome = await runner.RunAsync(worse,
            new RunRequest(RunTrigger.Manual, "a change of the pipeline that drops the hour by mistake"), null, cancellationToken);
        log.Mistake(outcome);
        display.Blocked(outcome);
    }

    private static DemoReport Report(
        BikeHours bikes, Workspace workspace, Replay replay, DemoLog log, DrillResult drill, Stopwatch wall)
    {
        var actual = replay.Hours.Select(h => h.Count).ToArray();
        using var scorer = ModelScorer.Load(workspace.Registry.Get(Model, 1).Folder);
        var neverRetrained = scorer.Score(replay.Table(scorer.Inputs)).Predictions.Values.ToArray();
        var byTime = bikes.Hours.ToDictionary(h => h.At, h => h.Count);
        var naive = replay.Hours.Select(h => WeekBefore(byTime, h.At)).ToArray();
        return new DemoReport(
            MeanAbsoluteError(replay.Predictions, actual),
            MeanAbsoluteError(neverRetrained, actual),
            MeanAbsoluteError(naive, actual),
            replay.Predictions.Count,
            log.Retrainings,
            log.BlockedCandidates,
            new DemoDrill(drill.Ok, Math.Round(drill.Seconds, 3)),
            Math.Round(wall.Elapsed.TotalSeconds, 2),
            Math.Round(PeakMemory.Megabytes(), 1));
    }

    /// <summary>The same hour a week before; where that hour is absent from the data, the one before it.</summary>
    private static double WeekBefore(Dictionary<DateTimeOffset, double> counts, DateTimeOffset at)
    {
        for (var hour = at.AddDays(-7); ; hour = hour.AddHours(-1))
            if (counts.TryGetValue(hour, out var count)) return count;
    }

    private static double MeanAbsoluteError(IReadOnlyList<double> predicted, double[] actual) =>
        Math.Round(predicted.Zip(actual, (p, a) => Math.Abs(p - a)).Average(), 3);
}
