using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Tracking;

namespace Gyre.Cli.Tests;

/// <summary>The commands of docs/guide/traffic.md, as they stand there.</summary>
public class TrafficCommandTests
{
    [Fact]
    public async Task Guide_EveryCommand_Works()
    {
        using var folder = new TemporaryFolder();
        await RegisterAsync(folder, versions: 2);
        var guide = File.ReadLines(Path.Combine(TestData.Root, "docs", "guide", "traffic.md"))
            .Where(line => line.StartsWith("    gyre traffic", StringComparison.Ordinal)).Select(Words).ToList();
        Assert.True(guide.Count > 8);
        foreach (var command in guide)
            (await GyreProcess.RunAsync(folder.Path, command)).Succeeded();

        var ledger = await GyreProcess.RunAsync(folder.Path, "ledger", "--kind", "traffic");
        Assert.Contains("canary of version 2 in steps of 1, 5, 25, 100 %", ledger.Output, StringComparison.Ordinal);
        Assert.Contains("looks odd", ledger.Output, StringComparison.Ordinal);
        var shown = await GyreProcess.RunAsync(folder.Path, "traffic", "show", "bike", "--json");
        Assert.Equal(2, (int)JsonNode.Parse(shown.Output)!["champion"]!); // promoted in the guide
    }

    [Fact]
    public async Task Show_Canary_DrawsItsArms()
    {
        using var folder = new TemporaryFolder();
        await RegisterAsync(folder, versions: 2);
        (await GyreProcess.RunAsync(folder.Path, "traffic", "canary", "bike", "-c", "2", "--steps", "50,100")).Succeeded();
        var output = (await GyreProcess.RunAsync(folder.Path, "traffic", "show", "bike")).Succeeded().Output;
        Assert.Contains("step 1 of 2 at 50 %", output, StringComparison.Ordinal);
        Assert.Contains(new string('█', 15) + new string('·', 15), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Shares_AsR()
    {
        var plan = await GyreProcess.RunAsync(Path.GetTempPath(),
            "traffic", "plan", "--baseline", "0.12", "--effect", "0.01", "--json");
        Assert.Equal(17169, (int)JsonNode.Parse(plan.Succeeded().Output)!["perArm"]!); // power.prop.test: 17168.25
    }

    [Theory]
    [InlineData("traffic canary bike --challenger 9", "9")]
    [InlineData("traffic canary bike --challenger 2 --steps 5,x", "'x' is no number")]
    [InlineData("traffic ab bike --arm old", "NAME=VERSION")]
    [InlineData("traffic pause bike", "under way")]
    [InlineData("traffic plan --effect 0.1", "--baseline")]
    [InlineData("traffic plan --baseline 2 --effect 0.1", "--baseline")]
    [InlineData("traffic show absent", "absent")]
    public async Task Mistake_IsTheUsersAndNamed(string command, string cause)
    {
        using var folder = new TemporaryFolder();
        await RegisterAsync(folder, versions: 2);
        var result = await GyreProcess.RunAsync(folder.Path, command.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
    }

    private static async Task RegisterAsync(TemporaryFolder folder, int versions)
    {
        using var database = TrackingDatabase.Open(folder.File(".gyre/gyre.db"));
        var registry = new ModelRegistry(
            database, new ArtifactStore(folder.File(".gyre/artifacts")), TimeProvider.System);
        for (var i = 0; i < versions; i++)
        {
            var package = Directory.CreateDirectory(folder.File($".gyre/artifacts/{i}"));
            await registry.CreateVersionAsync("bike", package.FullName, runId: null);
        }

        await registry.SetAliasAsync("bike", ModelAliases.Champion, 1);
    }

    private static string[] Words(string line)
    {
        var words = new List<string>();
        foreach (var (part, index) in line.Trim()["gyre ".Length..].Split('"').Select((part, i) => (part, i)))
        {
            if (index % 2 == 1) words.Add(part);
            else words.AddRange(part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. words];
    }
}
