using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Primitives;
using Gyre.Training;

namespace Gyre.Loop.Searching;

/// <summary>
/// The trials of a model's latest search: `.gyre/search/MODEL/KEY/`, a file each. The key is a hash of everything that
/// makes a trial what it is; a search of another key begins anew and removes the folder. The budget, the number of trials
/// and the ensemble are not part of it: a search can be given more and then goes on.
/// </summary>
internal sealed class TrialFolder
{
    private const string ClockFile = "used";

    private readonly string _folder;

    private TrialFolder(string folder) => _folder = folder;

    /// <summary>Opens the folder of a search, leaving only its own.</summary>
    public static TrialFolder Open(Workspace workspace, TrainingFrame frame, HoldOut holdOut)
    {
        var all = Path.Combine(workspace.StateFolder, "search", frame.Definition.Model);
        var folder = Path.Combine(all, Key(frame, holdOut));
        Directory.CreateDirectory(folder);
        foreach (var other in Directory.GetDirectories(all).Where(f => f != folder)) Directory.Delete(other, recursive: true);
        return new TrialFolder(folder);
    }

    /// <summary>The trials that are whole, by number from 1 up to the first gap.</summary>
    public IReadOnlyList<Trial> Read()
    {
        var trials = new List<Trial>();
        while (File.Exists(PathOf(trials.Count + 1)) && TrialFile.Read(PathOf(trials.Count + 1)) is { } trial) trials.Add(trial);
        return trials;
    }

    public Task WriteAsync(Trial trial) => TrialFile.WriteAsync(PathOf(trial.Number), trial, CancellationToken.None);

    /// <summary>The time that was used when a process last said so, in seconds; 0 when none did.</summary>
    public double UsedSeconds => File.Exists(Path.Combine(_folder, ClockFile)) && double.TryParse(
        File.ReadAllText(Path.Combine(_folder, ClockFile)), CultureInfo.InvariantCulture, out var used) ? used : 0;

    /// <summary>Says how much time is used. Survives a kill; a torn write counts as none.</summary>
    public void WriteUsed(double seconds) =>
        File.WriteAllText(Path.Combine(_folder, ClockFile), seconds.ToString("0.0", CultureInfo.InvariantCulture));

    private string PathOf(int number) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"trial-{number:00000}"));

    private static string Key(TrainingFrame frame, HoldOut holdOut)
    {
        var settings = frame.Definition.Training;
        var search = settings.Search ?? throw new InvalidOperationException("There is no search.");
        var content = JsonSerializer.SerializeToUtf8Bytes(new
        {
            snapshot = frame.Snapshot.Hash.Hex,
            frame.Definition.Target,
            frame.Definition.Task,
            frame.Definition.PositiveClass,
            features = frame.Definition.Features,
            derived = frame.Definition.Derived.Select(d => $"{d.Name} = {d.Sql}"),
            holdOut.Key,
            rows = holdOut.Train.Length,
            split = holdOut.Method,
            metric = search.Metric ?? settings.Metric,
            frame.Definition.Transforms,
            weights = ContentHash.Of(MemoryMarshal.AsBytes(frame.Set.Weights)).Hex,
            search.Folds,
            search.MemoryLimit,
            search.Trainers,
            spaces = search.Spaces.SelectMany(s => s.Value.Parameters.Select(p => $"{s.Key}: {Describe(p)}")),
            settings.Seed,
            settings.Threads,
            // Another build may train other models.
            program = typeof(ModelSearch).Module.ModuleVersionId,
        }, LoopJson.Compact);
        return ContentHash.Of(content).Hex[..24];
    }

    private static string Describe(SearchParameter parameter) =>
        parameter is Choices choices ? $"{choices.Name} of {string.Join('|', choices.Values)}" : $"{parameter}";
}
