using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Tabular;

namespace Gyre.Training.Search;

/// <summary>
/// The folds of a search. Without time: three times 10 for few rows, fewer the more work there is, one held-out fifth for
/// the largest sets.
/// With time: each fold learns from the past and is tested on the next stretch; the first half of the rows is only learned
/// from, since a model of a few early rows tells little about one of all. There are two folds at least: one stretch of time
/// may be unlike all others.
/// </summary>
internal sealed class FoldPlan
{
    /// <summary>Rows × outputs above which trials begin on a share of the rows.</summary>
    private const long ScreenedWork = 150_000;

    /// <summary>Rows × outputs up to which folds are many and drawn more than once.</summary>
    private const long FewRows = 2_000;

    /// <summary>How often few rows are parted anew: which trial is best of hundreds depends less on one lucky parting.</summary>
    private const int Repeats = 3;

    private const ulong RepeatStride = 1_000_003;

    private readonly TrainingSet _set;
    private readonly ulong _seed;

    private FoldPlan(TrainingSet set, ImmutableArray<Split> folds, bool inTime, double screening, ulong seed)
    {
        (_set, Folds, Screening, _seed) = (set, folds, screening, seed);
        Tested = [.. folds.SelectMany(f => f.Test)];
        Target = Array.ConvertAll(Tested, row => set.TargetMemory.Span[row]);
        Outputs = set.Description.Outputs;
        IsInTime = inTime;
        IsFew = (long)set.RowCount * Outputs <= FewRows;
    }

    public ImmutableArray<Split> Folds { get; }

    /// <summary>The tested rows, fold after fold.</summary>
    public int[] Tested { get; }

    /// <summary>Their targets.</summary>
    public double[] Target { get; }

    public int Outputs { get; }

    /// <summary>Whether folds follow each other in time.</summary>
    public bool IsInTime { get; }

    /// <summary>Whether rows are so few that chance has a say in which trial is best.</summary>
    public bool IsFew { get; }

    public TaskKind Task => _set.Task;

    /// <summary>The share of the rows that a trial begins with; 1 when every trial gets all.</summary>
    public double Screening { get; }

    /// <summary>The mean number of rows that a fold learns from.</summary>
    public double TrainRows => Folds.Average(f => f.Train.Length);

    public static FoldPlan Of(TrainingSet set, Column? time, int? folds, ulong seed)
    {
        var work = (long)set.RowCount * set.Description.Outputs;
        var repeats = folds is null && time is null && work <= FewRows ? Repeats : 1;
        var count = folds ?? (work <= FewRows ? 10 : work <= 20_000 ? 5 : work <= 200_000 ? 3 : 1);
        var screening = work > 4 * ScreenedWork ? 0.125 : work > ScreenedWork ? 0.25 : 1;
        return new FoldPlan(
            set, time is null ? AtRandom(set, count, repeats, seed) : InTime(set, time, count), time is not null, screening, seed);
    }

    /// <summary>A fold's training rows, or a share of them: the same for every trial.</summary>
    public int[] TrainOf(int fold, double share)
    {
        var rows = Folds[fold].Train;
        if (share >= 1) return rows;
        var size = Math.Max(1, (int)(rows.Length * share));
        return Array.ConvertAll(SeededRandom.ForStream(_seed, 700 + (ulong)fold).Sample(rows.Length, size), i => rows[i]);
    }

    private static ImmutableArray<Split> AtRandom(TrainingSet set, int count, int repeats, ulong seed)
    {
        var kind = set.Task == TaskKind.Regression ? SplitKind.Random : SplitKind.Stratified;
        return count == 1
            ? Splitter.Folds(set, kind, 5, null, seed)[..1]
            : [.. Enumerable.Range(0, repeats).SelectMany(r => Splitter.Folds(
                set, kind, Math.Min(count, set.RowCount), null, seed + (RepeatStride * (ulong)r)))];
    }

    private static ImmutableArray<Split> InTime(TrainingSet set, Column time, int count)
    {
        count = Math.Clamp(count, 2, 5);
        var blocks = Math.Max(8, 2 * count);
        return Splitter.Folds(set, SplitKind.Time, blocks - 1, time, seed: 0)[^count..];
    }
}
