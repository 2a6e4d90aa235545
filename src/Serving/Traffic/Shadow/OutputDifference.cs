using System.Text.Json;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Traffic.Shadow;

/// <summary>How two versions' answers to the same rows differ.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="EqualRows">Rows with the same label or, without labels, the same texts and numbers.</param>
/// <param name="Numbers">Numbers that were compared.</param>
/// <param name="Absolute">The sum of their absolute differences.</param>
/// <param name="Largest">The largest of these.</param>
internal readonly record struct OutputDifference(
    long Rows, long EqualRows, long Numbers, double Absolute, double Largest)
{
    /// <summary>Numbers that differ by less, relative to the larger or absolute, are equal.</summary>
    public const double Tolerance = 1e-6;

    /// <summary>Both together.</summary>
    public OutputDifference Add(OutputDifference other) => new(
        Rows + other.Rows, EqualRows + other.EqualRows, Numbers + other.Numbers, Absolute + other.Absolute,
        Math.Max(Largest, other.Largest));

    /// <summary>Compares row by row in the form that people read; both have as many rows.</summary>
    public static OutputDifference Of(ModelOutputs champion, ModelOutputs challenger)
    {
        using var buffer = new Recording.PooledJson();
        var sum = default(OutputDifference);
        for (var row = 0; row < champion.Rows; row++)
        {
            using var first = JsonDocument.Parse(buffer.Write(json => champion.WriteRow(json, row)));
            using var second = JsonDocument.Parse(buffer.Write(json => challenger.WriteRow(json, row)));
            var walk = new Walk();
            walk.Compare(first.RootElement, second.RootElement);
            var equal = Label(first.RootElement) is { } label && Label(second.RootElement) is { } other
                ? JsonElement.DeepEquals(label, other) : walk.Equal;
            sum = sum.Add(new OutputDifference(1, equal ? 1 : 0, walk.Numbers, walk.Absolute, walk.Largest));
        }

        return sum;
    }

    private static JsonElement? Label(JsonElement row) =>
        row.ValueKind is JsonValueKind.Object && row.TryGetProperty("label", out var label) ? label : null;

    private sealed class Walk
    {
        public bool Equal { get; private set; } = true;

        public long Numbers { get; private set; }

        public double Absolute { get; private set; }

        public double Largest { get; private set; }

        public void Compare(JsonElement first, JsonElement second)
        {
            if (first.ValueKind != second.ValueKind) Equal = false;
            else if (first.ValueKind is JsonValueKind.Number) Compare(first.GetDouble(), second.GetDouble());
            else if (first.ValueKind is JsonValueKind.Array) CompareItems(first, second);
            else if (first.ValueKind is JsonValueKind.Object) CompareFields(first, second);
            else Equal &= JsonElement.DeepEquals(first, second);
        }

        private void Compare(double first, double second)
        {
            var difference = Math.Abs(first - second);
            Numbers++;
            Absolute += difference;
            Largest = Math.Max(Largest, difference);
            Equal &= difference <= Tolerance * Math.Max(1, Math.Max(Math.Abs(first), Math.Abs(second)));
        }

        private void CompareItems(JsonElement first, JsonElement second)
        {
            var length = first.GetArrayLength();
            Equal &= length == second.GetArrayLength();
            for (var i = 0; i < Math.Min(length, second.GetArrayLength()); i++) Compare(first[i], second[i]);
        }

        private void CompareFields(JsonElement first, JsonElement second)
        {
            Equal &= first.GetPropertyCount() == second.GetPropertyCount();
            foreach (var field in first.EnumerateObject())
            {
                if (second.TryGetProperty(field.Name, out var other)) Compare(field.Value, other);
                else Equal = false;
            }
        }
    }
}
