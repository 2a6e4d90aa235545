using System.Globalization;
using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Cli.Tests;

/// <summary>
/// `gyre predict -o` in a real process: memory beside the file's size, SIGKILL at random moments (a few by default, many with
/// GYRE_LONG=1), Ctrl+C.
/// </summary>
public sealed class BatchScoringTests : IAsyncLifetime
{
    /// <summary>
    /// Beyond what a few rows take: units on the way, a part of 64 MB, the engine's buffers and what the runtime has not
    /// given back. The file is nearly twice as large, and all of it is kept.
    /// </summary>
    private const double MegabytesForAnyFile = 700;

    private const int LargeMegabytes = 1200;
    private static readonly bool _long = Environment.GetEnvironmentVariable("GYRE_LONG") == "1";
    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        await BikeWorkspace.InitAsync(_folder);
        (await GyreProcess.RunAsync(_folder.Path, "run")).Succeeded();
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Predict_FileLargerThanAllowedMemory_StaysWithinIt()
    {
        Write("few.csv", 100, noteBytes: 10);
        Write("large.csv", rows: LargeMegabytes * 500, noteBytes: 1900);
        Assert.True(new FileInfo(_folder.File("large.csv")).Length > 1.7 * MegabytesForAnyFile * 1e6);

        var few = await ScoreAsync("few.csv", "few.parquet");
        var large = await ScoreAsync("large.csv", "large.parquet");

        Assert.InRange(Megabytes(large) - Megabytes(few), double.MinValue, MegabytesForAnyFile);
        Assert.Equal(LargeMegabytes * 500, large["rows"]!.GetValue<long>());
    }

    [Fact]
    public async Task Predict_KilledAtRandomMoments_GoesOnToTheSameRows()
    {
        Write("rows.csv", rows: 150_000, noteBytes: 5);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await ScoreAsync("rows.csv", "whole.csv");
        var whole = clock.Elapsed;
        var moments = new Random(20261122);
        var kills = _long ? 60 : 3;
        while (kills > 0)
        {
            using var run = GyreProcess.Start(_folder.Path, "predict", "rows.csv", "-o", "parts.csv", "--keep", "all");
            using var moment = new CancellationTokenSource(whole * moments.NextDouble());
            await Task.WhenAny(run.WaitAsync(), Task.Delay(Timeout.Infinite, moment.Token));
            if (!run.HasExited) kills--;
            run.Kill();
            await run.WaitAsync();
            if (!File.Exists(_folder.File("parts.csv"))) continue;
            AssertSameAsWhole(); // it was through before its moment: the next one starts again
            File.Delete(_folder.File("parts.csv"));
        }

        await ScoreAsync("rows.csv", "parts.csv");

        AssertSameAsWhole();
        Assert.False(Directory.Exists(_folder.File("parts.csv.parts")));
    }

    [Fact]
    public async Task Predict_InterruptedByCtrlC_Exits130AndGoesOn()
    {
        Write("rows.csv", rows: 150_000, noteBytes: 5);
        using (var run = GyreProcess.Start(_folder.Path, "predict", "rows.csv", "-o", "parts.csv", "--keep", "all"))
        {
            while (!run.HasExited && !File.Exists(_folder.File("parts.csv.parts/000000.parquet"))) await Task.Delay(5);
            run.Interrupt();
            var stopped = await run.WaitAsync();
            Assert.Equal(130, stopped.ExitCode);
            Assert.Contains("parts.csv.parts keeps what is done; the same command goes on", stopped.Errors, StringComparison.Ordinal);
        }

        var resumed = await ScoreAsync("rows.csv", "parts.csv");

        Assert.InRange(resumed["resumed"]!.GetValue<long>(), 8192, 150_000);
        await ScoreAsync("rows.csv", "whole.csv");
        AssertSameAsWhole();
    }

    [Fact]
    public async Task Predict_ToStandardOutput_WritesOnlyRowsThere()
    {
        Write("rows.csv", rows: 20, noteBytes: 5);

        var piped = (await GyreProcess.RunAsync(_folder.Path, "predict", "rows.csv", "-o", "-", "--keep", "id", "--limit", "3")).Succeeded();

        var lines = piped.Output.TrimEnd().Split('\n');
        Assert.Equal("id,prediction", lines[0].TrimEnd());
        Assert.Equal(["1", "2", "3"], lines[1..].Select(line => line.Split(',')[0]));
        Assert.Contains("3 rows by bike version 1", piped.Errors, StringComparison.Ordinal);
    }

    private static double Megabytes(JsonObject summary) => summary["peakMemoryMegabytes"]!.GetValue<double>();

    private async Task<JsonObject> ScoreAsync(string file, string output)
    {
        var result = (await GyreProcess.RunAsync(_folder.Path, "predict", file, "-o", output, "--keep", "all", "--json")).Succeeded();
        return JsonNode.Parse(result.Output)!.AsObject();
    }

    private void AssertSameAsWhole()
    {
        using var whole = File.OpenRead(_folder.File("whole.csv"));
        using var parts = File.OpenRead(_folder.File("parts.csv"));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(whole), System.Security.Cryptography.SHA256.HashData(parts));
    }

    /// <summary>The bike rows again and again, each with a number and a note of its own of about so many characters.</summary>
    private void Write(string name, int rows, int noteBytes)
    {
        var bikes = File.ReadAllLines(_folder.File("bike.csv"));
        var note = new string('x', noteBytes);
        using var file = new StreamWriter(_folder.File(name));
        file.WriteLine($"id,note,{bikes[0]}");
        for (var i = 1; i <= rows; i++)
        {
            file.Write(i.ToString(CultureInfo.InvariantCulture));
            file.Write(',');
            file.Write(note.AsSpan(0, noteBytes - (i % 5))); // no two neighbours are the same
            file.Write(i.ToString(CultureInfo.InvariantCulture));
            file.Write(',');
            file.WriteLine(bikes[1 + (i % (bikes.Length - 1))]);
        }
    }
}
