using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>Random and damaged bodies: never an answer of 500 or more, never a hang.</summary>
public sealed class FuzzTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("GYRE_LONG") == "1" ? 20_000 : 400;

    private static readonly string[] Paths =
    [
        "experiments/create", "experiments/search", "runs/create", "runs/update", "runs/log-metric", "runs/log-batch",
        "runs/set-tag", "runs/search", "runs/log-inputs", "runs/outputs", "runs/log-model", "runs/delete-tag",
    ];

    private static readonly string[] Words =
    [
        "run_id", "key", "value", "timestamp", "step", "metrics", "params", "tags", "datasets", "dataset", "models",
        "model_id", "experiment_ids", "filter", "order_by", "page_token", "max_results", "run_view_type", "name",
        "status", "end_time", "model_json", "NaN", "Infinity", "-Infinity", "1e999", "null", "true", "-1", "0.5",
        "9223372036854775808", "\"x\"", "[", "]", "{", "}", ":", ",", "\"", "\\", "\\u0000", "\ud83d", " ",
    ];

    [Fact]
    public async Task Post_RandomBodies_NeverFailsTheServer()
    {
        await using var server = await RestFixture.StartAsync();
        var run = await server.CreateRunAsync();
        var random = new Random(5);
        for (var round = 0; round < Rounds; round++)
        {
            var body = round % 3 == 0 ? RandomBytes(random) : RandomWords(random, run);
            var path = $"/api/2.0/mlflow/{Paths[random.Next(Paths.Length)]}";
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await server.Client.PostAsync(path, content);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode < 500,
                $"{path} {Convert.ToBase64String(body)}: {answer.StatusCode} {text}");
            Assert.NotNull(JsonNode.Parse(text));
        }
    }

    [Fact]
    public async Task Get_RandomQueries_NeverFailsTheServer()
    {
        await using var server = await RestFixture.StartAsync();
        var random = new Random(6);
        string[] paths = ["runs/get", "metrics/get-history", "metrics/get-history-bulk-interval", "experiments/search",
            "experiments/get", "experiments/get-by-name"];
        string[] names = ["run_id", "run_uuid", "run_ids", "metric_key", "max_results", "page_token", "start_step",
            "end_step", "experiment_id", "experiment_name", "view_type", "filter"];
        for (var round = 0; round < Rounds; round++)
        {
            var query = string.Join('&', Enumerable.Range(0, random.Next(6)).Select(_ =>
                $"{names[random.Next(names.Length)]}={Uri.EscapeDataString(Words[random.Next(Words.Length - 5)])}"));
            var path = $"/api/2.0/mlflow/{paths[random.Next(paths.Length)]}?{query}";
            var (status, text) = await server.SendAsync(HttpMethod.Get, path);
            Assert.True((int)status < 500, $"{path}: {status} {text}");
        }
    }

    [Fact]
    public void Quote_RandomBytes_ChangesOnlyBareWords()
    {
        var random = new Random(7);
        for (var round = 0; round < 20 * Rounds; round++)
        {
            var body = round % 2 == 0 ? RandomBytes(random) : RandomWords(random, "r");
            var quoted = NanTokens.Quote(body).ToArray();
            var marks = (quoted.Length - body.Length) / 2;
            Assert.True(quoted.Length >= body.Length && marks <= body.Length / 3);
            Assert.Equal(Without(body), Without(quoted));
        }
    }

    [Theory]
    [InlineData("""{"a":NaN,"b":[Infinity,-Infinity]}""", """{"a":"NaN","b":["Infinity","-Infinity"]}""")]
    [InlineData("""{"a":"NaN","b":"x \" NaN"}""", """{"a":"NaN","b":"x \" NaN"}""")]
    [InlineData("""{"NaN":NaN}""", """{"NaN":"NaN"}""")]
    public void Quote_Json_QuotesBareWordsAlone(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(NanTokens.Quote(Encoding.UTF8.GetBytes(body)).Span));

    [Fact]
    public void Quote_ValidJson_StaysTheSame()
    {
        var random = new Random(8);
        for (var round = 0; round < Rounds; round++)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(
                Enumerable.Range(0, 5).Select(_ => Encoding.UTF8.GetString(RandomWords(random, "r"))));
            Assert.Equal(json, NanTokens.Quote(json).ToArray());
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] RandomWords(Random random, string run)
    {
        var text = new StringBuilder();
        if (random.Next(4) > 0) text.Append("{\"run_id\":\"").Append(run).Append('"');
        var damaged = random.Next(2) == 0;
        for (var i = random.Next(12); i > 0; i--)
        {
            var word = Words[random.Next(damaged ? Words.Length : 22)];
            text.Append(damaged ? word : $",\"{word}\":{Value(random, 0)}");
        }

        return Encoding.UTF8.GetBytes(text.Append(random.Next(4) > 0 ? "}" : "").ToString());
    }

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 6 : 8) switch
    {
        0 => "null",
        1 => "NaN",
        2 => "1e400",
        3 => random.Next(-5, 60_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => $"\"{Words[random.Next(22)]}\"",
        5 => "true",
        6 => $"[{Value(random, depth + 1)},{Value(random, depth + 1)}]",
        _ => $"{{\"{Words[random.Next(22)]}\":{Value(random, depth + 1)},\"key\":{Value(random, depth + 1)}}}",
    };

    private static byte[] Without(byte[] bytes) => [.. bytes.Where(value => value != (byte)'"')];
}
