using System.Globalization;
using System.IO.Compression;
using Gyre.Loop.Deployment;

namespace Gyre.Samples.Tests;

public sealed class TaxiTests
{
    [SampleFact("taxi")]
    public async Task Submit_Taxi_WritesAPredictionForEveryRowOfTheTest()
    {
        using var sample = SampleWorkspace.Open("taxi", ("    - linear\n", ""));
        var outcome = await sample.RunAsync();
        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        Assert.Equal(86_299, outcome.Rows);
        var output = Path.Combine(sample.Folder, "submission.csv");

        var result = await new Submission(sample.Workspace).WriteAsync(
            new SubmissionRequest("taxi", Path.Combine(sample.Folder, "data", "test.csv.gz"), output), null, CancellationToken.None);

        var truth = Fares(new GZipStream(File.OpenRead(Path.Combine(sample.Folder, "data", "solution.csv.gz")), CompressionMode.Decompress));
        var said = Fares(File.OpenRead(output));
        Assert.Equal((30_088, 30_088), (result.Rows, said.Count));
        var error = Math.Sqrt(truth.Average(fare => Math.Pow(said[fare.Key] - fare.Value, 2)));
        Assert.True(error < 2.6, $"{error}");
    }

    private static Dictionary<string, double> Fares(Stream stream)
    {
        using var reader = new StreamReader(stream);
        Assert.Equal("id,fare_amount", reader.ReadLine());
        var fares = new Dictionary<string, double>(StringComparer.Ordinal);
        while (reader.ReadLine()?.Split(',') is [var id, var fare]) fares.Add(id, double.Parse(fare, CultureInfo.InvariantCulture));
        return fares;
    }
}
