using System.Text.Json;

namespace Gyre.Bench.Comparison;

/// <summary>The peers' quality, measured once under the same protocol: for runs that only tune Gyre.</summary>
internal sealed class RecordedFigures
{
    private readonly JsonElement _figures = JsonDocument.Parse(
        File.ReadAllText(Path.Combine("bench", "Comparison", "recorded.json"))).RootElement;

    /// <summary>A model's metrics on a set, by name.</summary>
    public Dictionary<string, double> Of(string set, string model) => _figures.GetProperty(set).GetProperty(model)
        .EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
}
