using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Gyre.Fixtures;

namespace Gyre.Server.Tests;

public sealed class PredictionLogLineTests
{
    [Theory]
    [InlineData("Debug", "60000", "Debug", 20)]
    [InlineData("Warning", "0", "Warning", 21)]
    public async Task Predict_DebugOrSlow_IsALineWithIdVersionAndPhases(
        string level, string slow, string expectedLevel, int expectedEvent)
    {
        using var workspace = new TemporaryFolder();
        await BikePackage.RegisterAsync(workspace.Path);
        var (id, lines) = await PredictAsync(workspace.Path, level, "Json", slow);

        var line = Assert.Single(lines.Select(text => JsonDocument.Parse(text).RootElement),
            message => message.GetProperty("EventId").GetInt32() is 20 or 21);
        Assert.Equal(expectedEvent, line.GetProperty("EventId").GetInt32());
        Assert.Equal(expectedLevel, line.GetProperty("LogLevel").GetString());
        var state = line.GetProperty("State");
        Assert.Equal(id, state.GetProperty("PredictionId").GetString());
        Assert.Equal(("bike", "1", "predict"), (state.GetProperty("Model").GetString(),
            state.GetProperty("Version").GetString(), state.GetProperty("Protocol").GetString()));
        var total = state.GetProperty("TotalMs").GetDouble();
        var parts = state.GetProperty("QueueMs").GetDouble() + state.GetProperty("ComputeMs").GetDouble()
            + state.GetProperty("EncodeMs").GetDouble();
        Assert.InRange(parts, 0.001, total + 0.002); // each is rounded to a microsecond
    }

    [Fact]
    public async Task Predict_QuickAtWarning_IsNoLine()
    {
        using var workspace = new TemporaryFolder();
        await BikePackage.RegisterAsync(workspace.Path);
        var (_, lines) = await PredictAsync(workspace.Path, "Warning", "Text", "60000");
        Assert.DoesNotContain(lines, line => line.Contains("prediction", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<(string Id, List<string> Lines)> PredictAsync(params string[] arguments)
    {
        using var server = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(PredictionLogLineTests).Assembly.Location, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!; // null only where the shell starts it
        try
        {
            var said = server.StandardError.ReadToEndAsync();
            var address = new Uri((await server.StandardOutput.ReadLineAsync())!); // the address
            var id = await PredictAsync(new Uri(address, "/predict/bike"));
            Process.Start("kill", ["-TERM", $"{server.Id}"]).Dispose();
            await server.WaitForExitAsync();
            return (id, [.. (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
        }
        finally
        {
            if (!server.HasExited) server.Kill();
        }
    }

    private static async Task<string> PredictAsync(Uri address)
    {
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var content = new StringContent(
                $$"""{"rows":[{{BikePackage.Row}}]}""", System.Text.Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(address, content, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                await Task.Delay(20, limit.Token); // still loading the model
                continue;
            }

            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            return answer.GetProperty("predictionId").GetString()!; // every answer has one
        }
    }
}
