using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The main job, as the README tells it.</summary>
public class DemoTests
{
    [Fact]
    public async Task Demo_RealData_BeatsBothComparisonsAndReportsIt()
    {
        using var folder = new TemporaryFolder();

        var result = (await GyreProcess.RunAsync(folder.Path, "demo", "--json", "demo.json")).Succeeded();

        var report = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("demo.json")))!.AsObject();
        var loop = report["loopMae"]!.GetValue<double>();
        Assert.True(loop < report["neverRetrainedMae"]!.GetValue<double>());
        Assert.True(loop < report["seasonalNaiveMae"]!.GetValue<double>());
        Assert.True(report["predictions"]!.GetValue<int>() > 5000);
        Assert.Contains(report["retrainings"]!.AsArray(), r => r!["promoted"]!.GetValue<bool>() && r["trigger"]!.GetValue<string>() == "performance");
        Assert.True(report["blockedCandidates"]!.GetValue<int>() > 0);
        Assert.True(report["rollbackDrill"]!["ok"]!.GetValue<bool>());
        Assert.True(report["seconds"]!.GetValue<double>() > 0);
        Assert.True(report["peakMemoryMb"]!.GetValue<double>() is > 50 and < 500);
        Assert.Contains("The loop beat both comparisons.", result.Output, StringComparison.Ordinal);
    }
}
