using System.Text.RegularExpressions;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The commands of docs/guide/batch-scoring.md, as they stand there.</summary>
public sealed partial class BatchGuideTests
{
    [Fact]
    public async Task Guide_EveryCommand_WritesItsFile()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        var lines = await File.ReadAllLinesAsync(folder.File("bike.csv"));
        await File.WriteAllLinesAsync(folder.File("new.csv"), lines.Take(201));
        await File.WriteAllLinesAsync(
            folder.File("broken.csv"), lines.Take(4).Append(lines[4].Replace("0.24", "warm", StringComparison.Ordinal)));
        var commands = (await File.ReadAllLinesAsync(Path.Combine(TestData.Root, "docs", "guide", "batch-scoring.md")))
            .Where(line => line.StartsWith("    gyre ", StringComparison.Ordinal)).ToList();

        foreach (var command in commands)
        {
            var words = Words().Matches(command.Trim()["gyre ".Length..]).Select(word => word.Value.Trim('\'')).ToArray();
            (await GyreProcess.RunAsync(folder.Path, words)).Succeeded();
            Assert.True(File.Exists(folder.File(words[Array.IndexOf(words, "-o") + 1])), command);
        }

        Assert.Equal(5, commands.Count);
        Assert.Contains("'warm' is not numeric", await File.ReadAllTextAsync(folder.File("scored.csv.refused.csv")), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Words();
}
