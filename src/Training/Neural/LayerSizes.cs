using System.Collections.Immutable;
using System.Globalization;

namespace Gyre.Training.Neural;

/// <summary>Sizes of layers as text: <c>128,64</c>, or <c>none</c>.</summary>
internal static class LayerSizes
{
    private const string None = "none";
    private const int MostLayers = 16;

    public static ImmutableArray<int> Read(OptionReader reader, string key, ImmutableArray<int> fallback, int most) =>
        [.. reader.Parsed(key, fallback.ToArray(), text => TryParse(text, most),
            $"up to {MostLayers} whole numbers from 1 to {most} with commas between, or {None}")];

    public static string Text(ImmutableArray<int> sizes) =>
        sizes.IsEmpty ? None : string.Join(",", sizes.Select(OptionText.Of));

    private static int[]? TryParse(string text, int most)
    {
        if (text.Trim() == None) return [];
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var values = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i])
                || values[i] < 1 || values[i] > most)
                return null;
        }

        return values.Length <= MostLayers ? values : null;
    }
}
