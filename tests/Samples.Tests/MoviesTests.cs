using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gyre.Samples.Tests;

public sealed class MoviesTests
{
    [SampleFact("movies")]
    public async Task Run_Movies_ServesAListOfMoviesThatTheUserHasNotRated()
    {
        using var sample = SampleWorkspace.Open("movies", ("[als, biased_sgd, ials]", "[ials]"), ("latency: 20ms", "latency: 1s"));

        var outcome = await sample.RunAsync();

        Assert.True(outcome.Promoted, string.Join('\n', outcome.Gates));
        var best = outcome.Candidates.Single(c => c.Trainer == outcome.Chosen);
        Assert.Equal("ials", best.Trainer);
        Assert.True(best.Metrics["ndcg_at_10"] > 0.05, $"{best.Metrics["ndcg_at_10"]}");
        Assert.True(best.Metrics["rmse"] < 1.645, $"{best.Metrics["rmse"]}");

        var (server, client) = await sample.ServeAsync();
        await using var _ = server;
        using var __ = client;
        var answer = await PostAsync(client, """{"rows": [{"user_id": "1439"}, {"user_id": "nobody", "movie_id": "1454468"}]}""");
        var lists = answer["predictions"]!.AsArray();
        var (known, stranger) = (Items(lists[0]!), Items(lists[1]!));
        Assert.Equal(10, known.Distinct().Count());
        Assert.DoesNotContain("1935179", known); // the newest movie that the user rated
        Assert.Equal(10, stranger.Length);
        Assert.NotEqual(known, stranger);
        Assert.InRange(lists[1]!["prediction"]!.GetValue<double>(), 0, 10);
    }

    private static async Task<JsonObject> PostAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("predict/movies", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private static string[] Items(JsonNode prediction) =>
        [.. prediction["items"]!.AsArray().Select(item => item!.GetValue<string>())];
}
