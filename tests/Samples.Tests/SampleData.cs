using Gyre.Fixtures;

namespace Gyre.Samples.Tests;

/// <summary>
/// Where samples find their data: in their own folder where the licence lets it ship, else beside the checkout.
/// </summary>
internal static class SampleData
{
    private static readonly Dictionary<string, string[]> NotShipped = new(StringComparer.Ordinal)
    {
        ["housing"] = ["california_housing/california_housing.csv.gz"],
        ["sentiment"] = ["sentiment_sentences/sentiment_sentences.csv.gz"],
        ["spam"] = ["sms_spam/sms_spam.csv.gz"],
    };

    public static string Folder(string sample) => Path.Combine(TestData.Root, "samples", sample);

    /// <summary>The files that a sample needs and that are not there; empty when it can run.</summary>
    public static IEnumerable<string> Absent(string sample) =>
        NotShipped.GetValueOrDefault(sample, []).Where(file => TestData.Shared(file) is null);

    /// <summary>Copies what a sample does not ship into its data folder.</summary>
    public static void Provide(string sample, string folder)
    {
        foreach (var file in NotShipped.GetValueOrDefault(sample, []))
        {
            Directory.CreateDirectory(folder);
            var source = TestData.Shared(file) ?? throw new FileNotFoundException($"'{file}' is absent beside this checkout.");
            File.Copy(source, Path.Combine(folder, Path.GetFileName(file)));
        }
    }
}

/// <summary>A fact about a sample; skipped, with the reason, where data that may not ship is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SampleFactAttribute : FactAttribute
{
    public SampleFactAttribute(string sample)
    {
        if (SampleData.Absent(sample).FirstOrDefault() is { } absent)
            Skip = $"'{absent}' may not be shipped and is absent beside this checkout.";
    }
}
