using System.Diagnostics.CodeAnalysis;

namespace Gyre.Serving.Measurements;

/// <summary>
/// What is measured of the served versions, for the host to expose. A model's numbers are kept while it is served; of
/// versions that were replaced the newest few stay, so that what they did last is still scraped. Thread-safe.
/// </summary>
public sealed class InferenceMeasurements
{
    /// <summary>
    /// The meter under which the same numbers are offered to exporters; nothing is recorded there unless one listens.
    /// </summary>
    public const string ExportMeterName = "Gyre.Serving.Requests";

    /// <summary>How many replaced versions of a model are still shown.</summary>
    internal const int RetiredKept = 4;

    private readonly Lock _changing = new();
    private readonly Dictionary<string, List<Entry>> _models = new(StringComparer.Ordinal);
    private readonly HashSet<string> _served = new(StringComparer.Ordinal);

    /// <summary>Raised with the name of a model that is no longer served, after its numbers are gone.</summary>
    public event Action<string>? Withdrawn;

    /// <summary>The values of now, by model and version.</summary>
    public IReadOnlyList<InferenceSnapshot> Read()
    {
        lock (_changing)
        {
            return
            [
                .. _models.OrderBy(model => model.Key, StringComparer.Ordinal).SelectMany(model => model.Value
                    .OrderBy(entry => entry.Version.Length).ThenBy(entry => entry.Version, StringComparer.Ordinal)
                    .Select(entry => entry.Counters.Read(model.Key, entry.Version))),
            ];
        }
    }

    /// <summary>Whether the model is served.</summary>
    internal bool Shows(string model)
    {
        lock (_changing) return _served.Contains(model);
    }

    /// <summary>The counters of a version that is shown; false where it is not.</summary>
    internal bool TryGet(string model, string version, [NotNullWhen(true)] out InferenceCounters? counters)
    {
        lock (_changing)
        {
            counters = _models.GetValueOrDefault(model)?.Find(entry => entry.Version == version)?.Counters;
            return counters is not null;
        }
    }

    /// <summary>Notes that a model is served.</summary>
    internal void Serve(string model)
    {
        lock (_changing) _served.Add(model);
    }

    /// <summary>Notes that a version is loaded, perhaps again; the counters go on where they were.</summary>
    internal InferenceCounters Loaded(string model, string version)
    {
        lock (_changing)
        {
            if (!_models.TryGetValue(model, out var entries)) _models[model] = entries = [];
            var entry = entries.Find(e => e.Version == version);
            if (entry is null) entries.Add(entry = new Entry(version));
            entry.Loads++;
            return entry.Counters;
        }
    }

    /// <summary>Notes that a version was unloaded, once per load.</summary>
    internal void Unloaded(string model, string version)
    {
        lock (_changing)
        {
            if (!_models.TryGetValue(model, out var entries)) return;
            if (entries.Find(e => e.Version == version) is not { } entry || --entry.Loads > 0) return;
            entry.Counters.Waiting = null;
            entries.Remove(entry); // the end of the list is what was unloaded last
            entries.Add(entry);
            if (entries.Count(e => e.Loads <= 0) > RetiredKept) entries.Remove(entries.First(e => e.Loads <= 0));
        }
    }

    /// <summary>Forgets a model that is no longer served.</summary>
    internal void Withdraw(string model)
    {
        lock (_changing)
        {
            _served.Remove(model);
            _models.Remove(model);
        }

        Withdrawn?.Invoke(model);
    }

    private sealed class Entry(string version)
    {
        public string Version => version;

        public InferenceCounters Counters { get; } = new();

        /// <summary>How many times it is loaded now.</summary>
        public int Loads { get; set; }
    }
}
