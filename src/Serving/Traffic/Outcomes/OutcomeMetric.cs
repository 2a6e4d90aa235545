using System.Collections.Frozen;
using System.Text.Json;

namespace Gyre.Serving.Traffic.Outcomes;

/// <summary>
/// One number per prediction from what was predicted and what happened; null where the two do not say it. All are
/// losses, smaller is better, but <c>actual</c>: what happened itself, such as a sale, of which more is better.
/// </summary>
internal static class OutcomeMetric
{
    public const string AbsoluteError = "absolute_error";
    public const string Error = "error";
    public const string Actual = "actual";

    private const double SmallestProbability = 1e-15;

    private static readonly FrozenDictionary<string, Func<JsonElement, JsonElement, double?>> Metrics =
        new Dictionary<string, Func<JsonElement, JsonElement, double?>>
        {
            [AbsoluteError] = (output, actual) => Deviation(output, actual) is { } d ? Math.Abs(d) : null,
            ["squared_error"] = (output, actual) => Deviation(output, actual) is { } d ? d * d : null,
            [Error] = (output, actual) => Label(output) is { } label ? (TextOf(label) == TextOf(actual) ? 0 : 1) : null,
            ["log_loss"] = (output, actual) =>
                Probability(output, actual) is { } p ? -Math.Log(Math.Max(p, SmallestProbability)) : null,
            ["brier"] = Brier,
            [Actual] = (_, actual) => NumberOf(actual),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The metrics' names, in order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Metrics.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The metrics' names, for messages.</summary>
    public static string Names => string.Join(", ", All);

    /// <summary>Whether there is a metric of that name.</summary>
    public static bool Exists(string name) => Metrics.ContainsKey(name);

    /// <summary>Whether larger is better.</summary>
    public static bool IsGain(string name) => name == Actual;

    /// <summary>The loss that fits an output: the error of a class, or the absolute error of a number.</summary>
    public static string DefaultFor(JsonElement output) => Label(output) is null ? AbsoluteError : Error;

    /// <summary>The metric's value; null where the output or the actual value is of another kind.</summary>
    public static double? Compute(string name, JsonElement output, JsonElement actual) =>
        Metrics[name](output, actual) is { } value && double.IsFinite(value) ? value : null;

    private static double? Deviation(JsonElement output, JsonElement actual) =>
        output.ValueKind is JsonValueKind.Number && NumberOf(actual) is { } truth ? output.GetDouble() - truth : null;

    private static double? Brier(JsonElement output, JsonElement actual)
    {
        if (Probabilities(output) is not { } shares) return null;
        var truth = TextOf(actual);
        var sum = 0.0;
        foreach (var share in shares.EnumerateObject())
        {
            var difference = share.Value.GetDouble() - (share.Name == truth ? 1 : 0);
            sum += difference * difference;
        }

        return sum;
    }

    // A class that the model does not know has no probability.
    private static double? Probability(JsonElement output, JsonElement actual) =>
        Probabilities(output) is not { } shares
        ? null : shares.TryGetProperty(TextOf(actual), out var share) ? share.GetDouble() : 0;

    private static JsonElement? Label(JsonElement output) =>
        output.ValueKind is JsonValueKind.Object && output.TryGetProperty("label", out var label) ? label : null;

    private static JsonElement? Probabilities(JsonElement output) =>
        output.ValueKind is JsonValueKind.Object && output.TryGetProperty("probabilities", out var shares)
        && shares.ValueKind is JsonValueKind.Object ? shares : null;

    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };

    // Labels are compared by their text, as the log's readers do: 1, "1" and true, "true" are the same class.
    private static string TextOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();
}
