using System.Globalization;
using Gyre.Loop.Pipeline;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>The champion that a candidate has to beat, loaded to be asked about the same rows.</summary>
internal sealed class ChampionModel : IDisposable
{
    private readonly ModelScorer _scorer;

    private ChampionModel(ModelVersion version, ModelScorer scorer)
    {
        Version = version;
        _scorer = scorer;
        TrainedUntil = version.Tags.TryGetValue(VersionTags.TrainedUntil, out var text) &&
                       long.TryParse(text, CultureInfo.InvariantCulture, out var micros) ? micros : null;
    }

    public ModelVersion Version { get; }

    /// <summary>The newest row it was trained on, in microseconds since 1970; null where rows have no time.</summary>
    public long? TrainedUntil { get; }

    /// <summary>Whether it was fitted only on the rows that this way of holding out leaves.</summary>
    public bool HeldOutBy(string key) =>
        Version.Tags.GetValueOrDefault(VersionTags.HoldOut) == key && Version.Tags.GetValueOrDefault(VersionTags.Refit) == "false";

    public Schema Inputs => _scorer.Inputs;

    public static ChampionModel? Load(Workspace workspace, string model) =>
        workspace.Registry.GetByAlias(model, ModelAliases.Champion) is { } version
            ? new ChampionModel(version, ModelScorer.Load(version.Folder))
            : null;

    /// <summary>
    /// Its predictions for rows of the frame, in the frame's class order; null, with the reason, where the rows lack an
    /// input or the target means something else by now.
    /// </summary>
    public Predictions? Predict(TrainingFrame frame, int[] rows, out string? whyNot)
    {
        var missing = Inputs.FirstOrDefault(input => !frame.Table.Schema.Contains(input.Name));
        whyNot = missing is not null ? $"the rows have no column '{missing.Name}', which the champion needs"
            : _scorer.Task != frame.Definition.Task ? $"the champion predicts a {_scorer.Task} target"
            : null;
        if (whyNot is not null) return null;
        var predictions = _scorer.Score(_scorer.ComparableRows(frame.Table.Take(rows))).Predictions;
        return InOrder(predictions, frame, out whyNot);
    }

    public void Dispose() => _scorer.Dispose();

    private Predictions? InOrder(Predictions predictions, TrainingFrame frame, out string? whyNot)
    {
        var classes = frame.Set.Classes;
        whyNot = null;
        if (!predictions.Task.HasClasses() || classes.SequenceEqual(_scorer.Classes)) return predictions;
        var unknown = _scorer.Classes.FirstOrDefault(name => !classes.Contains(name));
        if (unknown is not null || predictions.Outputs == 1)
        {
            whyNot = $"the champion's classes are {string.Join(", ", _scorer.Classes)}";
            return null;
        }

        // A class that the champion does not know has probability 0 in its answer.
        var values = new double[predictions.Rows * classes.Length];
        for (var k = 0; k < _scorer.Classes.Length; k++)
        {
            var to = classes.IndexOf(_scorer.Classes[k]);
            for (var row = 0; row < predictions.Rows; row++)
                values[(row * classes.Length) + to] = predictions.Values[(row * predictions.Outputs) + k];
        }

        return new Predictions(TaskKind.Multiclass, classes.Length, values);
    }
}

/// <summary>Tags that every version carries.</summary>
internal static class VersionTags
{
    /// <summary>The content hash of the snapshot.</summary>
    public const string Snapshot = "gyre.snapshot";

    /// <summary>The newest row trained on, in microseconds since 1970.</summary>
    public const string TrainedUntil = "gyre.trained_until";

    /// <summary>The trainer.</summary>
    public const string Trainer = "gyre.trainer";

    /// <summary>Whether it was trained once more on all rows after the choice.</summary>
    public const string Refit = "gyre.refit";

    /// <summary>How rows were held out; see <see cref="HoldOut.Key"/>.</summary>
    public const string HoldOut = "gyre.holdout";

    /// <summary>The prefix of its metrics on held-out rows.</summary>
    public const string MetricPrefix = "gyre.metric.";
}
