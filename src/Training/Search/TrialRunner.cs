using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Gyre.Primitives;

namespace Gyre.Training.Search;

/// <summary>What training the folds of one trial came to.</summary>
/// <param name="Trial">The record, without number and times of the search.</param>
/// <param name="Pipelines">The fold models of a finished trial; empty for others.</param>
internal sealed record TrialOutcome(Trial Trial, ImmutableArray<FittedPipeline> Pipelines);

/// <summary>
/// Trains a trial fold by fold. Small folds are trained side by side, one thread each, since a few thousand rows do not
/// keep two threads busy; large ones one after the other with all threads. Which of the two depends on the set alone, so
/// that the same seed and thread count give the same models.
/// </summary>
internal sealed class TrialRunner(
    TrainingSet set, FoldPlan plan, string metric, TrainingContext context, TimeProvider time, long? memoryLimit)
{
    /// <summary>Rows × features × outputs of a fold up to which folds are trained side by side.</summary>
    private const double SideBySideCells = 4e6;

    private const int FewRows = 3000;

    /// <summary>Cells of all folds together up to which their rows are kept rather than gathered for every trial.</summary>
    private const double KeptCells = 3e7;

    private readonly Dictionary<(int Fold, double Share), (TrainingSet Train, TrainingSet Test)> _kept = [];

    private readonly bool _keeps = KeptCells >=
        (plan.Folds.Sum(f => (double)f.Train.Length) + plan.Tested.Length) * (set.Features.Columns.Count + 1);

    /// <summary>How many folds are trained side by side, and tell whether the rest is worth training.</summary>
    public int Wave { get; } =
        plan.TrainRows * set.Features.Columns.Count * plan.Outputs <= SideBySideCells
            ? Math.Min(context.Threads, plan.Folds.Length) : 1;

    /// <summary>Trains.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="spec">What to train.</param>
    /// <param name="trainer">Made of it.</param>
    /// <param name="hopeless">Asked after the first wave, with the metric of its folds: the cause for giving up, or
    /// null.</param>
    /// <param name="cancellationToken">Stops within a second.</param>
    public TrialOutcome Run(
        int number, TrialSpec spec, ITrainer trainer, Func<ImmutableArray<double>, string?> hopeless,
        CancellationToken cancellationToken)
    {
        var folds = plan.Folds.Length;
        var (pipelines, values, seconds) = (new FittedPipeline[folds], new double[folds], new double[folds]);
        var outOfFold = new float[plan.Tested.Length * plan.Outputs];
        var starts = new int[folds];
        for (var f = 1; f < folds; f++) starts[f] = starts[f - 1] + plan.Folds[f - 1].Test.Length;
        var began = time.GetTimestamp();
        var record = new Trial(number, spec, TrialStatus.Finished);
        var done = 0;

        Trial Ended(TrialStatus status, string? cause) => record with
        {
            Status = status, Cause = cause, FoldValues = [.. values.AsSpan(0, done)],
            FoldSeconds = done == 0 ? double.NaN : seconds.Take(done).Average(),
            Seconds = time.GetElapsedTime(began).TotalSeconds,
        };

        try
        {
            while (done < folds)
            {
                var wave = Math.Min(WaveOf(trainer, spec), folds - done);
                var first = done;
                Side(wave, i =>
                {
                    var f = first + i;
                    var start = time.GetTimestamp();
                    (pipelines[f], values[f]) =
                        Fold(f, spec, trainer, wave, outOfFold.AsSpan(starts[f] * plan.Outputs), cancellationToken);
                    seconds[f] = time.GetElapsedTime(start).TotalSeconds;
                }, cancellationToken);
                done += wave;
                if (first == 0 && done < folds && hopeless([.. values.AsSpan(0, done)]) is { } cause)
                    return new TrialOutcome(Ended(TrialStatus.Pruned, cause), []);
            }
        }
        catch (OperationCanceledException)
        {
            return new TrialOutcome(Ended(TrialStatus.Cut, "its time was over"), []);
        }
        catch (Exception error)
        {
            // One trainer that breaks must not end the search for all others; the cause stands in its run.
            return new TrialOutcome(Ended(TrialStatus.Failed, error.Message), []);
        }

        var ended = Ended(TrialStatus.Finished, null) with
        {
            OutOfFold = outOfFold,
            Value = OutOfFoldScore.Exact(metric, plan, outOfFold),
            Rounds = FrozenRounds.Of(trainer, pipelines, [.. plan.Folds.Select(f => spec.Share * f.Train.Length)], set.RowCount),
        };
        return double.IsFinite(ended.Value)
            ? new TrialOutcome(ended, [.. pipelines])
            : new TrialOutcome(ended with { Status = TrialStatus.Failed, Cause = $"its {metric} is not defined" }, []);
    }

    /// <summary>The bytes that a trial takes at once: rows of its folds and what the trainer says that it needs.</summary>
    public long EstimateMemory(ITrainer trainer, TrialSpec spec) =>
        EstimateFold(trainer, spec) * Math.Max(1, WaveOf(trainer, spec));

    private long EstimateFold(ITrainer trainer, TrialSpec spec)
    {
        // The whole set stands for a fold of it: what trainers estimate is about proportional to the rows.
        var share = spec.Share * plan.TrainRows / set.RowCount;
        var rows = 8L * set.RowCount * (set.Features.Columns.Count + 2);
        return (long)(share * (trainer.EstimateMemory(set) + rows));
    }

    private int WaveOf(ITrainer trainer, TrialSpec spec) =>
        memoryLimit is { } limit && EstimateFold(trainer, spec) is var each and > 0
            ? (int)Math.Clamp(limit / each, 1, Wave) : Wave;

    private (FittedPipeline Pipeline, double Value) Fold(
        int fold, TrialSpec spec, ITrainer trainer, int wave, Span<float> outOfFold, CancellationToken cancellationToken)
    {
        var (train, test) = Rows(fold, spec.Share);
        var inner = new TrainingContext(
            context.Seed, wave > 1 ? Math.Max(1, context.Threads / wave) : context.Threads, null, cancellationToken)
        {
            MemoryLimit = memoryLimit,
        };
        var (learned, watched) = Watch(train, test);
        var pipeline = trainer.Train(learned, watched, inner);
        cancellationToken.ThrowIfCancellationRequested();
        var predictions = pipeline.Predict(test.Features);
        for (var i = 0; i < predictions.Values.Length; i++)
        {
            outOfFold[i] = (float)predictions.Values[i];
            if (!float.IsFinite(outOfFold[i]))
                throw GyreException.Invalid($"'{trainer.Name}' predicts {predictions.Values[i]}.");
        }

        return (pipeline, Metrics.Compute(metric, test.Target, predictions));
    }

    /// <summary>
    /// The rows that early stopping watches: the tested ones, which costs no rows and is a little too hopeful, alike for
    /// all trials. Not so in time: one stretch that is unlike the past would stop every model long before it has learned
    /// what the next stretch needs. Nor with few rows, of which the luckiest epoch says nothing. There a tenth of the
    /// training rows is watched.
    /// </summary>
    private (TrainingSet Learned, TrainingSet Watched) Watch(TrainingSet train, TrainingSet test)
    {
        if ((!plan.IsInTime && train.RowCount >= FewRows) || train.RowCount < 100) return (train, test);
        var split = Splitter.Watched(train, 0.1, context.Seed);
        return (train.Take(split.Train), train.Take(split.Test));
    }

    private (TrainingSet Train, TrainingSet Test) Rows(int fold, double share)
    {
        (TrainingSet, TrainingSet) Gather() => (set.Take(plan.TrainOf(fold, share)), set.Take(plan.Folds[fold].Test));

        if (!_keeps) return Gather();
        lock (_kept)
        {
            return _kept.TryGetValue((fold, share), out var rows) ? rows : _kept[(fold, share)] = Gather();
        }
    }

    private static void Side(int count, Action<int> work, CancellationToken cancellationToken)
    {
        if (count == 1)
        {
            work(0);
            return;
        }

        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = count }, work);
        }
        catch (AggregateException errors)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
