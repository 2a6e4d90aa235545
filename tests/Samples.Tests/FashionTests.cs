using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gyre.Fixtures;

namespace Gyre.Samples.Tests;

public sealed class FashionTests
{
    [SampleFact("fashion")]
    public async Task Run_Fashion_LearnsFromPixelsAndServesImagesInEveryForm()
    {
        using var sample = SampleWorkspace.Open(
            "fashion", ("epochs: 20", "epochs: 4"), ("epochs: 12, shift: 1, flip: true", "epochs: 1, channels: \"8,16\", hidden: 32"));
        var outcome = await sample.RunAsync();
        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        var best = outcome.Candidates.Single(c => c.Trainer == outcome.Chosen);
        Assert.True(best.Metrics["accuracy"] > 0.8, $"{best.Metrics["accuracy"]}");

        var (server, client) = await sample.ServeAsync();
        await using (server)
        using (client)
        {
            var metadata = await client.GetFromJsonAsync<JsonNode>("v2/models/fashion");
            Assert.Equal("""{"name":"image","datatype":"UINT8","shape":[-1,28,28,1]}""", metadata!["inputs"]![0]!.ToJsonString());

            var pixels = Enumerable.Range(0, 784).Select(i => (byte)(i % 28 * 9)).ToArray();
            var nested = new JsonArray([.. pixels.Chunk(28).Select(line => new JsonArray([.. line.Select(p => JsonValue.Create(p))]))]);
            var answers = new[]
            {
                await PredictAsync(client, nested),
                await PredictAsync(client, JsonValue.Create(Convert.ToBase64String(pixels))),
                await PredictAsync(client, JsonValue.Create(Convert.ToBase64String(GreyPng.Write(28, 28, pixels)))),
            };
            Assert.Single(answers.Distinct());

            var tensor = new JsonObject
            {
                ["name"] = "image", ["datatype"] = "UINT8", ["shape"] = new JsonArray(1, 28, 28, 1),
                ["data"] = new JsonArray([.. pixels.Select(p => JsonValue.Create(p))]),
            };
            var (status, inferred) = await PostAsync(
                client, "v2/models/fashion/infer", new JsonObject { ["inputs"] = new JsonArray(tensor) });
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains("\"probabilities\"", inferred, StringComparison.Ordinal);

            await RefusedAsync(client, JsonValue.Create(Convert.ToBase64String(GreyPng.Write(30, 28, new byte[840]))),
                "the image is 30x28; 28x28 is needed");
            await RefusedAsync(client, JsonValue.Create(Convert.ToBase64String(GreyPng.Write(28, 28, pixels)[..^30])), "damaged");
            await RefusedAsync(client, new JsonArray(1, 2, 3), "3 numbers; an image of 28x28 has 784");
            await RefusedAsync(client, new JsonArray(1, 2, 300), "0 to 255");
            await RefusedAsync(client, JsonValue.Create(7), "is not an image");
        }

        using var connection = sample.Workspace.Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT inputs FROM gyre_predictions";
        var logged = Assert.IsType<string>(command.ExecuteScalar());
        Assert.Matches("^\\{\"image\":\"sha256:[0-9a-f]{64}\"\\}$", logged);
    }

    private static async Task<string> PredictAsync(HttpClient client, JsonNode image)
    {
        var (status, text) = await PostAsync(client, "predict/fashion",
            new JsonObject { ["rows"] = new JsonArray(new JsonObject { ["image"] = image }) });
        Assert.True(status == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!["predictions"]!.ToJsonString();
    }

    private static async Task RefusedAsync(HttpClient client, JsonNode image, string message)
    {
        var (status, text) = await PostAsync(client, "predict/fashion",
            new JsonObject { ["rows"] = new JsonArray(new JsonObject { ["image"] = image }) });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(HttpClient client, string path, JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
