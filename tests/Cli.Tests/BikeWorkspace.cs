using System.IO.Compression;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>A workspace over the first rows of the shipped bike data, small enough to run in seconds.</summary>
internal static class BikeWorkspace
{
    public static string Csv(TemporaryFolder folder, int rows = 2000)
    {
        using var file = File.OpenRead(TestData.Shipped("bike_hourly.csv.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var path = folder.File("bike.csv");
        using var writer = new StreamWriter(path);
        for (var i = 0; i <= rows && reader.ReadLine() is { } line; i++) writer.WriteLine(line);
        return path;
    }

    /// <summary>The latency gate is lifted: other tests share the machine, and the benchmark measures it.</summary>
    public static async Task InitAsync(TemporaryFolder folder, int rows = 2000)
    {
        Csv(folder, rows);
        (await GyreProcess.RunAsync(folder.Path, "init", "bike.csv", "--target", "cnt", "--time", "timestamp")).Succeeded();
        var file = folder.File("gyre.yaml");
        var yaml = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, yaml.Replace("latency: 5ms", "latency: 1s ", StringComparison.Ordinal));
    }
}
