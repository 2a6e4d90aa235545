using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>Reads a logged list of recommendations with what the user then did.</summary>
internal static class ListOutput
{
    /// <summary>
    /// Appends the three numbers of <see cref="TaskKinds.RecommendationOutputs"/>: the predicted rating, or the first
    /// score where
    /// none was predicted; the place of the actual item in the list (0 when it is not in it); and a number of its own,
    /// because
    /// each request is a list of its own.
    /// </summary>
    /// <param name="output">What was answered: `items`, `scores` and perhaps `prediction`.</param>
    /// <param name="actual">JSON of the actual item (without ratings); a rating says nothing of places.</param>
    /// <param name="values">Where the numbers go.</param>
    public static void Append(JsonElement output, string? actual, List<double> values)
    {
        var row = values.Count / TaskKinds.RecommendationOutputs;
        values.Add(Value(output));
        values.Add(output.TryGetProperty("prediction", out _) ? 0 : Place(output, actual));
        values.Add(row);
    }

    private static double Value(JsonElement output)
    {
        if (output.TryGetProperty("prediction", out var rating) && rating.ValueKind == JsonValueKind.Number)
            return rating.GetDouble();
        return output.TryGetProperty("scores", out var scores) && scores.ValueKind == JsonValueKind.Array
            && scores.GetArrayLength() > 0 ? scores[0].GetDouble() : double.NaN;
    }

    private static int Place(JsonElement output, string? actual)
    {
        if (actual is null || !output.TryGetProperty("items", out var items)) return 0;
        using var wanted = JsonDocument.Parse(actual);
        var id = wanted.RootElement.ToString();
        var place = 0;
        foreach (var item in items.EnumerateArray())
        {
            place++;
            if (item.ToString() == id) return place;
        }

        return 0;
    }
}
