using System.Text.RegularExpressions;
using Gyre.Fixtures;
using Gyre.Server.Metrics;

namespace Gyre.Server.Tests.Metrics;

/// <summary>Holds the guide's tables against what a server shows, both ways.</summary>
public sealed partial class ObservabilityGuideTests
{
    [Fact]
    public async Task Guide_TablesOfFamilies_AreWhatAServerShows()
    {
        await using var host = await HostFixture.StartAsync(names: MetricNames.All);
        await host.PredictAsync();
        var shown = Exposition.Families(await host.GetAsync("/metrics"))
            // Training's times are shown by the process that trains.
            .Where(family => !family.Key.StartsWith("gyre_training_", StringComparison.Ordinal))
            .Select(family => $"{family.Key} {family.Value}").Order(StringComparer.Ordinal);
        var guide = await File.ReadAllTextAsync(Path.Combine(TestData.Root, "docs", "guide", "observability.md"));
        var told = Row().Matches(guide).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");
        Assert.Equal(shown, told.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \| (counter|gauge|histogram|summary) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
