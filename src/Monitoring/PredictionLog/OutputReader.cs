using System.Text;
using System.Text.Json;
using Gyre.Tabular;

namespace Gyre.Monitoring;

/// <summary>
/// Reads logged outputs (a number, or <c>{"label":…,"probabilities":{class:p}}</c>) and actual values (a JSON scalar).
/// Labels may
/// be text, whole numbers or true and false; classes are compared by their text.
/// </summary>
internal sealed class OutputReader
{
    private readonly TaskKind _task;
    private readonly Dictionary<string, int> _classes;

    public OutputReader(TaskKind task, IReadOnlyList<string> classes)
    {
        _task = task;
        _classes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < classes.Count; i++) _classes.Add(classes[i], i);
        if (task == TaskKind.Binary && classes.Count != 2)
            throw new ArgumentException($"A binary task has 2 classes, not {classes.Count}.", nameof(classes));
    }

    /// <summary>
    /// Appends what the row predicts: one number, or one per class; NaN where the output does not say.
    /// </summary>
    public void AppendOutput(string json, string? actual, List<double> values)
    {
        using var document = JsonDocument.Parse(json);
        var output = document.RootElement;
        if (_task == TaskKind.Recommendation)
        {
            ListOutput.Append(output, actual, values);
            return;
        }

        if (_task == TaskKind.Regression)
        {
            values.Add(output.ValueKind == JsonValueKind.Number ? output.GetDouble() : double.NaN);
            return;
        }

        Span<double> probabilities = stackalloc double[_classes.Count <= 64 ? _classes.Count : 0];
        if (_classes.Count > 64) probabilities = new double[_classes.Count];
        probabilities.Fill(double.NaN);
        if (output.ValueKind == JsonValueKind.Object && output.TryGetProperty("probabilities", out var shares)
            && shares.ValueKind == JsonValueKind.Object)
        {
            foreach (var share in shares.EnumerateObject())
            {
                if (_classes.TryGetValue(share.Name, out var at) && share.Value.ValueKind == JsonValueKind.Number)
                    probabilities[at] = share.Value.GetDouble();
            }
        }

        if (_task == TaskKind.Binary) values.Add(probabilities[1]);
        else values.AddRange(probabilities);
    }

    /// <summary>The actual value, or the position of the actual class; NaN when it is none.</summary>
    public double ReadActual(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        if (!reader.Read()) return double.NaN;
        if (_task == TaskKind.Recommendation)
            return reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : reader.TokenType == JsonTokenType.String ? 1 : double.NaN;
        if (_task == TaskKind.Regression)
        {
            return reader.TokenType switch
            {
                JsonTokenType.Number => reader.GetDouble(),
                JsonTokenType.True => 1,
                JsonTokenType.False => 0,
                _ => double.NaN,
            };
        }

        var label = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString() ?? "",
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number when reader.TryGetInt64(out var whole) =>
                whole.ToString(System.Globalization.CultureInfo.InvariantCulture),
            JsonTokenType.Number when reader.GetDouble() is var number && number == Math.Truncate(number) =>
                number.ToString("F0", System.Globalization.CultureInfo.InvariantCulture),
            _ => null,
        };
        return label is not null && _classes.TryGetValue(label, out var position) ? position : double.NaN;
    }
}
