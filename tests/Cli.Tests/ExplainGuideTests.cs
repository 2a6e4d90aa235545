using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>The commands of docs/guide/explain.md, as they stand there.</summary>
public sealed class ExplainGuideTests
{
    [Fact]
    public async Task Guide_EveryCommand_Explains()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        await File.WriteAllLinesAsync(folder.File("new.csv"), (await File.ReadAllLinesAsync(folder.File("bike.csv"))).Take(81));
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(TestData.Root, "docs", "guide", "explain.md")))
        {
            if (!line.StartsWith("    gyre ", StringComparison.Ordinal)) continue;
            var words = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            outputs.Add(line.Trim(), (await GyreProcess.RunAsync(folder.Path, words)).Succeeded().Output);
        }

        Assert.Equal(6, outputs.Count);
        var shown = outputs["gyre predict new.csv --explain --top 3 --limit 20"].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(20 * 5, shown.Length); // the answer, three columns, the others
        Assert.Contains("row 19 predicts", shown[95], StringComparison.Ordinal);
        Assert.Contains(" others ", shown[99], StringComparison.Ordinal);
        AssertWritten(await File.ReadAllLinesAsync(folder.File("explained.csv")));
        Assert.True(new FileInfo(folder.File("explained.parquet")).Length > 0);
        var lines = outputs["gyre predict new.csv --explain --json --limit 2"].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (var line in lines) AssertAddsUp(JsonNode.Parse(line)!); // a line of JSON
        Assert.DoesNotContain("±", outputs["gyre explain bike new.csv --row 2"], StringComparison.Ordinal); // exact
    }

    private static void AssertAddsUp(JsonNode explanation)
    {
        Assert.Equal("treeshap", explanation["method"]!.GetValue<string>());
        var sum = explanation["baseValue"]!.GetValue<double>()
            + explanation["contributions"]!.AsArray().Sum(c => c!["contribution"]!.GetValue<double>());
        Assert.Equal(explanation["prediction"]!.GetValue<double>(), sum, 1e-9);
        var answer = double.Parse(explanation["answer"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Assert.Equal(sum, answer, 1e-3); // shown with four decimals
    }

    private static void AssertWritten(string[] lines)
    {
        Assert.Equal(51, lines.Length);
        var header = lines[0].Split(',');
        Assert.Equal(["timestamp", "prediction", "base_value"], header[..3]);
        Assert.All(header[3..], name => Assert.StartsWith("contribution_", name, StringComparison.Ordinal));
        Assert.Contains("contribution_hr", header);
        foreach (var line in lines[1..])
        {
            var values = line.Split(',')[1..].Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(values[0], values[1..].Sum(), 1e-3 * Math.Max(1, Math.Abs(values[0]))); // a prediction is a float32
        }
    }
}
