using System.Text.Json;
using Gyre.Models;
using Gyre.Serving.Explanation;

namespace Gyre.Serving.Http;

/// <summary>The parts of explanations in JSON that the forms for people share.</summary>
internal static class ExplanationJson
{
    /// <summary>Writes <c>method</c>, <c>unit</c>, <c>link</c>, <c>baseValue</c> and, where there are any,
    /// <c>derived</c>.</summary>
    public static void WriteHead(Utf8JsonWriter json, ModelExplainer explainer)
    {
        json.WriteString("method"u8, explainer.Method);
        json.WriteString("unit"u8, explainer.Unit);
        json.WriteString("link"u8, explainer.LinkName);
        json.WritePropertyName("baseValue"u8);
        WritePerOutput(json, explainer, output => json.WriteNumberValue(explainer.BaseValues[output]));
        if (explainer.Columns.All(column => column.IsRaw)) return;
        json.WriteStartObject("derived"u8);
        foreach (var column in explainer.Columns)
        {
            if (column.IsRaw) continue;
            json.WriteStartArray(column.Name);
            foreach (var source in column.Sources) json.WriteStringValue(source);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes <c>score</c> and <c>contributions</c> of one row: base value + Σ contributions =
    /// score.</summary>
    public static void WriteRow(Utf8JsonWriter json, in ExplainedPrediction explained, int row)
    {
        var (contributions, explainer) = (explained.Contributions, explained.Explainer);
        json.WritePropertyName("score"u8);
        WritePerOutput(json, explainer, output => json.WriteNumberValue(contributions.Score(row, output)));
        json.WritePropertyName("contributions"u8);
        WritePerOutput(json, explainer, output =>
        {
            var values = contributions.Of(row, output);
            json.WriteStartObject();
            for (var c = 0; c < values.Length; c++) json.WriteNumber(explainer.Columns[c].Name, values[c]);
            json.WriteEndObject();
        });
    }

    // One value, or one per class by its name.
    private static void WritePerOutput(Utf8JsonWriter json, ModelExplainer explainer, Action<int> write)
    {
        if (explainer.BaseValues.Length == 1)
        {
            write(0);
            return;
        }

        json.WriteStartObject();
        for (var output = 0; output < explainer.BaseValues.Length; output++)
        {
            json.WritePropertyName(explainer.Classes[output]);
            write(output);
        }

        json.WriteEndObject();
    }
}
