using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Loop;
using Gyre.Loop.Ledger;
using Gyre.Models;
using Gyre.Tracking;

namespace Gyre.Cli.Tests;

/// <summary>
/// The process is killed (SIGKILL) at random moments; what it acknowledged must be there and nothing half-done visible.
/// A few moments by default, 100 of each kind with GYRE_LONG=1.
/// </summary>
public class KillTests
{
    private static readonly bool _long = Environment.GetEnvironmentVariable("GYRE_LONG") == "1";

    private static readonly int _kills = _long ? 100 : 5;

    /// <summary>
    /// An answer's prediction record may follow by 50 ms. The rest is the machine's: little when the long test runs alone, more
    /// when the whole suite runs beside it.
    /// </summary>
    private static readonly TimeSpan _recordDelay = TimeSpan.FromMilliseconds(_long ? 250 : 1000);

    [Fact]
    public async Task Run_KilledAtRandomMoments_ReopensWithoutHalfAVersion()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        var whole = clock.Elapsed;
        var moments = new Random(20110101);

        for (var i = 0; i < _kills; i++)
        {
            using var run = GyreProcess.Start(folder.Path, "run");
            await Task.Delay(whole * moments.NextDouble());
            run.Kill();
            await run.WaitAsync();
            AssertWhole(folder.Path);
        }

        (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        AssertWhole(folder.Path);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Up_KilledUnderLoad_LosesNothingAcknowledged()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        (await GyreProcess.RunAsync(folder.Path, "run")).Succeeded();
        var moments = new Random(20120831);
        var known = new Acknowledged();

        for (var i = 0; i < _kills; i++)
        {
            var url = $"http://127.0.0.1:{GyreProcess.FreePort()}/";
            using var server = GyreProcess.Start(folder.Path, "up", "--urls", url);
            using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
            await ReadyAsync(client);
            using var stop = new CancellationTokenSource();
            var row = await ExampleRowAsync(client);
            await PredictAndFeedBackAsync(client, row, known); // the first of a process also compiles the code that records it
            var load = Enumerable.Range(0, 3).Select(_ => LoadAsync(client, row, known, stop.Token)).ToArray();
            await Task.Delay(TimeSpan.FromMilliseconds(1500 + (1000 * moments.NextDouble())));
            var killedAt = System.Diagnostics.Stopwatch.GetTimestamp();
            server.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(load);
            await server.WaitAsync();
            AssertRecorded(folder.Path, known, killedAt);
            known.Predictions.Clear(); // the last of this process may be lost; the next must not be blamed for them
        }

        AssertWhole(folder.Path);
    }

    private static async Task ReadyAsync(HttpClient client)
    {
        for (var i = 0; i < 600; i++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("v2/models/bike/ready", UriKind.Relative));
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(25);
        }

        Assert.Fail("the server did not become ready");
    }

    private static async Task LoadAsync(HttpClient client, JsonObject row, Acknowledged known, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested) await PredictAndFeedBackAsync(client, row, known);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
        {
            // Killed.
        }
    }

    private static async Task PredictAndFeedBackAsync(HttpClient client, JsonObject row, Acknowledged known)
    {
        using var answer = await client.PostAsJsonAsync(
            "predict/bike", new JsonObject { ["rows"] = new JsonArray(row.DeepClone()) });
        if (!answer.IsSuccessStatusCode) Assert.Fail(await answer.Content.ReadAsStringAsync());
        var id = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["predictionId"]!.GetValue<string>();
        known.Predictions[id] = System.Diagnostics.Stopwatch.GetTimestamp();
        await Task.Delay(60);
        using var accepted = await client.PostAsJsonAsync(
            "feedback/bike", new JsonArray(new JsonObject { ["predictionId"] = id, ["actual"] = 17 }));
        if (accepted.IsSuccessStatusCode) known.Feedback.Add(id);
    }

    /// <summary>A row with the columns that the served model names.</summary>
    private static async Task<JsonObject> ExampleRowAsync(HttpClient client)
    {
        var model = await client.GetFromJsonAsync<JsonObject>("v2/models/bike");
        var row = new JsonObject();
        foreach (var input in model!["inputs"]!.AsArray()) // the protocol requires both fields
        {
            var name = input!["name"]!.GetValue<string>();
            row[name] = name == "timestamp" ? "2011-03-01T08:00:00Z" : input["datatype"]!.GetValue<string>() switch
            {
                "BYTES" => "1",
                "BOOL" => true,
                "INT64" => 1,
                _ => 0.3,
            };
        }

        return row;
    }

    private static void AssertRecorded(string folder, Acknowledged known, long killedAt)
    {
        using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
        using var connection = workspace.Database.OpenConnection();
        var feedback = Ids(connection, "SELECT prediction_id FROM gyre_feedback");
        Assert.DoesNotContain(known.Feedback, id => !feedback.Contains(id));
        var predictions = Ids(connection, "SELECT prediction_id FROM gyre_predictions");
        Assert.Empty(known.Predictions
            .Select(p => (Id: p.Key, Age: System.Diagnostics.Stopwatch.GetElapsedTime(p.Value, killedAt)))
            .Where(p => p.Age > _recordDelay && !predictions.Contains(p.Id))
            .Select(p => $"{p.Id} answered {p.Age.TotalSeconds:0.00} s before, feedback {known.Feedback.Contains(p.Id)}"));
        Assert.NotEmpty(predictions);
    }

    /// <summary>The database is sound, every visible version is a whole model, and alias and ledger agree.</summary>
    private static void AssertWhole(string folder)
    {
        using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
        using (var connection = workspace.Database.OpenConnection())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "PRAGMA integrity_check";
            Assert.Equal("ok", command.ExecuteScalar());
        }

        foreach (var version in workspace.Registry.List("bike"))
        {
            using var scorer = ModelScorer.Load(version.Folder);
            Assert.NotEmpty(scorer.Inputs);
            foreach (var file in new[] { "MLmodel", "model.onnx", "input_example.json", "requirements.txt", "reference_profile.json", "model_card.md" })
                Assert.True(File.Exists(Path.Combine(version.Folder, file)), $"version {version.Version} has no {file}");
        }

        var promotions = workspace.Ledger.List("bike", LedgerKind.Promotion).Select(e => e.Version).ToList();
        var moves = workspace.Registry.AliasHistory("bike", ModelAliases.Champion).Select(c => c.ToVersion).ToList();
        Assert.Equal(moves, promotions);
        Assert.Equal(moves.LastOrDefault(), workspace.Registry.GetByAlias("bike", ModelAliases.Champion)?.Version);
    }

    private static HashSet<string> Ids(System.Data.Common.DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read()) ids.Add(reader.GetString(0));
        return ids;
    }

    private sealed class Acknowledged
    {
        public ConcurrentDictionary<string, long> Predictions { get; } = new(StringComparer.Ordinal);

        public ConcurrentBag<string> Feedback { get; } = [];
    }
}
