using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

public class InitCommandTests
{
    [Theory]
    [InlineData("--task Binary", "a binary target has 2")]
    [InlineData("--positive 7", "no binary target")]
    public async Task Init_StatedTaskDoesNotFit_ExitTwoAndNoFile(string options, string cause)
    {
        using var folder = new TemporaryFolder();
        BikeWorkspace.Csv(folder, rows: 300);

        var result = await GyreProcess.RunAsync(
            folder.Path, ["init", "bike.csv", "--target", "cnt", .. options.Split(' ')]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("gyre.yaml")));
    }

    [Fact]
    public async Task Run_RatioDividesByZero_SaysHowToWriteIt()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder, rows: 1000);
        var yaml = await File.ReadAllTextAsync(folder.File("gyre.yaml"));
        await File.WriteAllTextAsync(folder.File("gyre.yaml"),
            yaml.Replace("  derive:\n", "  derive:\n    per_wind: temp / windspeed\n", StringComparison.Ordinal));

        var result = await GyreProcess.RunAsync(folder.Path, "run");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("features.derive.per_wind: is infinite in", result.Errors, StringComparison.Ordinal);
        Assert.Contains("nullif", result.Errors, StringComparison.Ordinal);
    }
}
