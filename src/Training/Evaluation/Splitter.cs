using System.Collections.Immutable;
using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Parts rows into training and test rows. Thread-safe; the same seed parts alike.</summary>
public static class Splitter
{
    /// <summary>
    /// Sets a share of the rows aside. At random, a row's side depends on the seed, the share and on how many rows (of its class,
    /// when stratified) come before it, never on what comes after: rows that are appended later leave the older ones where
    /// they are. The first row, or the first of each class, is always a training row.
    /// </summary>
    /// <param name="set">The rows.</param>
    /// <param name="kind">How they are parted.</param>
    /// <param name="testFraction">The share set aside, between 0 and 1; at least one row lands on each side.</param>
    /// <param name="time">For time splits: a timestamp, integer or numeric column with one value per row.</param>
    /// <param name="seed">For random splits.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range.</exception>
    /// <exception cref="GyreException">
    /// There are fewer than 2 rows, or a time split has no usable time column or a single moment in it.
    /// </exception>
    public static Split HoldOut(TrainingSet set, SplitKind kind, double testFraction, Column? time, ulong seed)
    {
        if (testFraction is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "A fraction is between 0 and 1.");
        if (set.RowCount < 2)
            throw GyreException.Invalid($"{set.RowCount} row cannot be split into training and test rows.");
        if (kind == SplitKind.Time) return TimeHoldOut(set, testFraction, time);
        var test = AtRandom(set, kind, testFraction, seed);
        if (test.Count == 0) test.Add(set.RowCount - 1);
        return Complement(set.RowCount, [.. test]);
    }

    /// <summary>
    /// Parts the rows into folds. Random and stratified: k parts, each the test rows of one fold. Time: forward
    /// chaining over k + 1 successive blocks, fold i learning from blocks 1 to i and testing on block i + 1.
    /// </summary>
    /// <param name="set">The rows.</param>
    /// <param name="kind">How they are parted.</param>
    /// <param name="folds">The number of folds k, at least 2.</param>
    /// <param name="time">For time splits: a timestamp, integer or numeric column with one value per row.</param>
    /// <param name="seed">For random splits.</param>
    /// <exception cref="GyreException">There are too few rows or moments for so many folds.</exception>
    public static ImmutableArray<Split> Folds(TrainingSet set, SplitKind kind, int folds, Column? time, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var needed = kind == SplitKind.Time ? folds + 1 : folds;
        if (set.RowCount < needed) throw GyreException.Invalid($"{set.RowCount} rows are too few for {folds} folds.");
        if (kind == SplitKind.Time) return ForwardChain(set, folds, time);
        var fold = new int[set.RowCount];
        var next = 0;
        foreach (var group in Groups(set, kind, seed))
        {
            foreach (var row in group) fold[row] = next++ % folds;
        }

        return [.. Enumerable.Range(0, folds).Select(f =>
            Complement(set.RowCount, [.. Enumerable.Range(0, set.RowCount).Where(row => fold[row] == f)]))];
    }

    /// <summary>
    /// Sets a share of each class (of all rows, for regression) aside, exact to a row and shuffled freely: for rows that are
    /// watched during one training and never compared with those of another.
    /// </summary>
    internal static Split Watched(TrainingSet set, double share, ulong seed)
    {
        var test = Groups(set, SplitKind.Stratified, seed)
            .SelectMany(group => group.Take((int)Math.Round(group.Length * share))).Order().ToArray();
        return Complement(set.RowCount, test.Length == 0 ? [0] : test.Length == set.RowCount ? test[1..] : test);
    }

    private static List<int> AtRandom(TrainingSet set, SplitKind kind, double share, ulong seed)
    {
        var isTest = TestPositions(set.RowCount, share, seed);
        var target = set.TargetMemory.Span;
        var before = new Dictionary<double, int>();
        var test = new List<int>();
        for (var row = 0; row < set.RowCount; row++)
        {
            var group = kind == SplitKind.Random || !set.Task.HasClasses() ? 0 : target[row];
            var position = before.GetValueOrDefault(group);
            before[group] = position + 1;
            if (isTest[position]) test.Add(row);
        }

        return test;
    }

    // Successive blocks of about 1 / share positions, in each of which chance picks as many as the share asks for by the block's
    // end. A block that is not full yet picks as if it were.
    private static bool[] TestPositions(int count, double share, ulong seed)
    {
        var length = (int)Math.Clamp(Math.Round(1 / Math.Min(share, 1 - share)), 2, 10_000);
        var isTest = new bool[count + length];
        var taken = 0;
        for (var start = 0; start < count; start += length)
        {
            var fixedHead = start == 0 ? 1 : 0;
            var wanted = Math.Min((int)Math.Round((start + length) * share) - taken, length - fixedHead);
            taken += wanted;
            var chance = SeededRandom.ForStream(seed, 1 + ((ulong)start << 8));
            foreach (var at in chance.Sample(length - fixedHead, wanted)) isTest[start + fixedHead + at] = true;
        }

        return isTest;
    }

    // Rows in random order: all of them, or one group per class.
    private static IEnumerable<int[]> Groups(TrainingSet set, SplitKind kind, ulong seed)
    {
        var order = SeededRandom.ForStream(seed, 1).Permutation(set.RowCount);
        if (kind == SplitKind.Random || !set.Task.HasClasses()) return [order];
        return order.GroupBy(row => set.TargetMemory.Span[row]).OrderBy(g => g.Key).Select(g => g.ToArray());
    }

    private static Split TimeHoldOut(TrainingSet set, double testFraction, Column? time)
    {
        var (order, keys) = InTime(set, time);
        var cut = BetweenMoments(keys, (int)Math.Round(set.RowCount * (1 - testFraction)));
        if (cut == 0)
            throw GyreException.Invalid(
                $"Time column '{time!.Name}' holds a single moment; it cannot be split by time.");
        return new Split(order[..cut], order[cut..]);
    }

    private static ImmutableArray<Split> ForwardChain(TrainingSet set, int folds, Column? time)
    {
        var (order, keys) = InTime(set, time);
        var cuts = new int[folds + 2];
        for (var b = 1; b <= folds; b++) cuts[b] = BetweenMoments(keys, (int)((long)set.RowCount * b / (folds + 1)));
        cuts[^1] = set.RowCount;
        for (var b = 1; b < cuts.Length; b++)
        {
            if (cuts[b] <= cuts[b - 1])
                throw GyreException.Invalid(
                    $"Time column '{time!.Name}' has too few distinct moments for {folds} folds.");
        }

        return [.. Enumerable.Range(1, folds).Select(f => new Split(order[..cuts[f]], order[cuts[f]..cuts[f + 1]]))];
    }

    // Rows of one moment stay together: the nearest cut at or after the wanted one that parts two moments, else the
    // nearest before.
    private static int BetweenMoments(double[] keys, int wanted)
    {
        wanted = Math.Clamp(wanted, 1, keys.Length - 1);
        var cut = wanted;
        while (cut < keys.Length && keys[cut] == keys[cut - 1]) cut++;
        if (cut < keys.Length) return cut;
        cut = wanted;
        while (cut > 0 && keys[cut] == keys[cut - 1]) cut--;
        return cut;
    }

    private static (int[] Order, double[] Keys) InTime(TrainingSet set, Column? time)
    {
        if (time is null) throw GyreException.Invalid("A split by time needs a time column.");
        if (time.Length != set.RowCount)
            throw new ArgumentException($"The time column has {time.Length} rows, the set {set.RowCount}.",
                nameof(time));
        if (time.MissingCount > 0)
            throw GyreException.Invalid(
                $"Time column '{time.Name}' misses {time.MissingCount} values; a split by time needs all.");
        var keys = time switch
        {
            Column<long> whole => Array.ConvertAll(whole.Values.ToArray(), v => (double)v),
            Column<double> numbers => numbers.Values.ToArray(),
            _ => throw GyreException.Invalid(
                $"Column '{time.Name}' is {time.Type}; a split by time needs timestamps or numbers."),
        };
        var order = Enumerable.Range(0, keys.Length).OrderBy(row => keys[row]).ToArray(); // stable
        return (order, Array.ConvertAll(order, row => keys[row]));
    }

    private static Split Complement(int rows, int[] test)
    {
        var isTest = new bool[rows];
        foreach (var row in test) isTest[row] = true;
        return new Split([.. Enumerable.Range(0, rows).Where(row => !isTest[row])], test);
    }
}
