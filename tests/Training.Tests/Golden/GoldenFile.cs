using System.Text.Json;

namespace Gyre.Training.Tests.Golden;

/// <summary>What another implementation computed; the script of the same name makes each file.</summary>
internal static class GoldenFile
{
    public static JsonElement Read(string name)
    {
        var path = Path.Combine(Fixtures.TestData.Root, "tests", "Training.Tests", "Golden", name);
        return JsonDocument.Parse(File.ReadAllText(path)).RootElement;
    }

    public static double[] Numbers(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(Number)];

    public static double Number(JsonElement element) =>
        element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();
}
