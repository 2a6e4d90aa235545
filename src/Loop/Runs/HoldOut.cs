using System.Globalization;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>Which rows candidates learn from, and which they are measured on.</summary>
/// <param name="Train">Rows to learn from.</param>
/// <param name="Test">Rows held out.</param>
/// <param name="Method">How they were chosen.</param>
/// <param name="Description">For the model card.</param>
/// <param name="Key">The same for two runs whose held-out rows are the same but for appended ones.</param>
internal sealed record HoldOut(int[] Train, int[] Test, SplitMethod Method, string Description, string Key)
{
    /// <summary>The fewest held-out rows that a stretch of time must hold, and that a comparison is made on.</summary>
    public const int MinimumRows = 30;

    /// <summary>Holds rows out of a frame.</summary>
    /// <param name="frame">The rows.</param>
    /// <param name="champion">The champion, if there is one: with a time column the newest stretch is held out.</param>
    public static HoldOut Of(TrainingFrame frame, ChampionModel? champion)
    {
        var settings = frame.Definition.Training;
        var method = settings.Split ?? (frame.Time is not null ? SplitMethod.Time
            : frame.Set.Task.HasClasses() ? SplitMethod.Stratified : SplitMethod.Random);
        if (method == SplitMethod.Time && champion is not null &&
            NewestStretch(frame.Time!, frame.Definition.Retraining.Holdout) is { } newest)
            return newest;
        if (settings.SplitColumn is { } chosen) return ByColumn(frame, chosen.Column, chosen.Test);
        var kind = method switch
        {
            SplitMethod.Time => SplitKind.Time,
            SplitMethod.Stratified => SplitKind.Stratified,
            _ => SplitKind.Random,
        };
        var split = Splitter.HoldOut(frame.Set, kind, settings.TestShare, frame.Time, settings.Seed);
        return new HoldOut(split.Train, split.Test, method, string.Create(CultureInfo.InvariantCulture,
            $"{(method == SplitMethod.Time ? "the newest" : method == SplitMethod.Stratified ? "a stratified" : "a random")} " +
            $"{settings.TestShare:0.#%} of rows"),
            string.Create(CultureInfo.InvariantCulture, $"{kind} {settings.TestShare} seed {settings.Seed}"));
    }

    /// <summary>
    /// The held-out rows that the champion has certainly not been trained on: by time the later ones, else all of them if it held
    /// out the same and was not fitted once more on all rows.
    /// </summary>
    public int[] UnseenBy(ChampionModel champion, TrainingFrame frame)
    {
        if (champion.HeldOutBy(Key) && Method != SplitMethod.Time) return Test;
        if (Method != SplitMethod.Time || frame.Time is not { } time || champion.TrainedUntil is not { } until) return [];
        return [.. Test.Where(row => time.Values[row] > until)];
    }

    /// <exception cref="GyreException">No row, or every row, has the value.</exception>
    private static HoldOut ByColumn(TrainingFrame frame, string name, string value)
    {
        var column = (CategoricalColumn)frame.Table[name];
        var rows = Enumerable.Range(0, column.Length).ToLookup(row => column.StringAt(row) == value);
        if (rows[true].Any() && rows[false].Any())
        {
            return new HoldOut([.. rows[false]], [.. rows[true]], SplitMethod.Column,
                $"the rows whose '{name}' is '{value}'", $"column {name} {value}");
        }

        throw GyreException.Invalid($"{PipelineReader.FileName}: training.split: "
            + $"{(rows[true].Any() ? "every" : "no")} row has '{value}' in column '{name}'.");
    }

    private static HoldOut? NewestStretch(Column<long> time, TimeSpan length)
    {
        var newest = long.MinValue;
        foreach (var at in time.Values) newest = Math.Max(newest, at);
        var from = newest - (length.Ticks / TimeSpan.TicksPerMicrosecond);
        var test = Enumerable.Range(0, time.Length).Where(row => time.Values[row] > from).ToArray();
        if (test.Length < MinimumRows || test.Length > time.Length / 2) return null;
        var train = Enumerable.Range(0, time.Length).Where(row => time.Values[row] <= from).ToArray();
        return new HoldOut(train, test, SplitMethod.Time, $"the newest {Durations.Format(length)} of rows",
            $"newest {Durations.Format(length)}");
    }
}
