using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tracking;

namespace Gyre.Server.Tests;

public sealed class KillTests
{
    private const string Body = $$"""{"rows":[{{BikePackage.Row}}]}""";

    private static readonly int Kills = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 100 : 3;

    [Fact]
    public async Task Kill_UnderLoad_LosesNoAcknowledgedFeedback()
    {
        using var workspace = new TemporaryFolder();
        await BikePackage.RegisterAsync(workspace.Path);
        var random = new Random(11);
        var acknowledged = new ConcurrentDictionary<string, int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var server = await StartAsync(workspace.Path);
            var address = new Uri((await server.StandardOutput.ReadLineAsync())!); // the address
            var before = acknowledged.Count;
            var clients = Enumerable.Range(0, 3).Select(_ => Task.Run(() => UseAsync(address, acknowledged))).ToArray();
            while (acknowledged.Count == before) await Task.Delay(5);
            await Task.Delay(random.Next(300));
            server.Kill(); // SIGKILL
            await Task.WhenAll(clients);
            await server.WaitForExitAsync();
            CheckAll(workspace.Path, acknowledged);
        }

        Assert.True(acknowledged.Count > Kills);
    }

    private static async Task<Process> StartAsync(string workspace)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(KillTests).Assembly.Location, workspace])
        {
            RedirectStandardOutput = true,
        })!; // null only where the shell starts it
        await Task.Yield();
        return process;
    }

    private static async Task UseAsync(Uri address, ConcurrentDictionary<string, int> acknowledged)
    {
        using var client = new HttpClient();
        var actual = 0;
        try
        {
            while (true)
            {
                using var request = new StringContent(Body, Encoding.UTF8, "application/json");
                using var predicted = await client.PostAsync(new Uri(address, "/predict/bike"), request);
                if (!predicted.IsSuccessStatusCode) continue; // still loading the model
                var answer = await predicted.Content.ReadFromJsonAsync<JsonElement>();
                var id = answer.GetProperty("predictionId").GetString()!; // every answer has one
                using var feedback = await client.PostAsJsonAsync(
                    new Uri(address, "/feedback/bike"), new[] { new { predictionId = id, actual = ++actual } });
                var accepted = (await feedback.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accepted").GetInt32();
                if (feedback.IsSuccessStatusCode && accepted == 1) acknowledged[id] = actual;
            }
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or JsonException)
        {
            // Killed.
        }
    }

    private static void CheckAll(string workspace, ConcurrentDictionary<string, int> acknowledged)
    {
        using var database = TrackingDatabase.Open(Path.Combine(workspace, ".gyre", "gyre.db"));
        using var connection = database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT prediction_id, actual FROM gyre_feedback JOIN gyre_predictions USING (prediction_id)";
        using var reader = command.ExecuteReader();
        var stored = new Dictionary<string, string>();
        while (reader.Read()) stored.Add(reader.GetString(0), reader.GetString(1));
        foreach (var (id, actual) in acknowledged) Assert.Equal($"{actual}", stored.GetValueOrDefault(id));
    }
}
