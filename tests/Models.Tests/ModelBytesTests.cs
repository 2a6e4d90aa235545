using System.Diagnostics;

namespace Gyre.Models.Tests;

public sealed class ModelBytesTests
{
    [Fact]
    public void Train_WithoutHardwareLanes_SameBytes()
    {
        var here = ModelBytes.Lines().ToArray();
        Assert.Equal(here.Length, here.Distinct().Count());
        Assert.Equal(here, Elsewhere("DOTNET_EnableHWIntrinsic"));
    }

    [Fact]
    public void Train_WithNarrowLanesAndNoFusedSteps_SameBytes() =>
        Assert.Equal(ModelBytes.Lines(), Elsewhere("DOTNET_EnableAVX2", "DOTNET_EnableFMA", "DOTNET_EnableAVX"));

    private static string[] Elsewhere(params string[] without)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(ModelBytes).Assembly.Location])
        {
            RedirectStandardOutput = true,
        };
        foreach (var instructions in without) start.Environment[instructions] = "0";
        using var process = Process.Start(start)!; // null only where the shell starts it
        var lines = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
