using System.Net;
using System.Text.Json;

namespace Gyre.Serving.Tests.Http;

public sealed class FeedbackEndpointTests
{
    [Fact]
    public async Task Feedback_RightAfterThePrediction_IsCommittedWhenAnswered()
    {
        await using var serving = await ServingFixture.StartAsync(options => options.CommitInterval = TimeSpan.FromMilliseconds(50));
        for (var i = 0; i < 20; i++)
        {
            var id = await PredictAsync(serving);
            var (status, answer) = await FeedbackAsync(serving, $$"""[{"predictionId":"{{id}}","actual":{{i}}}]""");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(1, answer.GetProperty("accepted").GetInt32());
            Assert.Equal(i + 1, serving.Count("SELECT count(*) FROM gyre_feedback"));
        }
    }

    [Fact]
    public async Task Feedback_UnknownAndInvalidItems_AreReportedAlone()
    {
        await using var serving = await ServingFixture.StartAsync();
        var id = await PredictAsync(serving);
        var (status, answer) = await FeedbackAsync(serving, $$"""
            [{"predictionId":"nobody","actual":1},{"predictionId":"{{id}}","actual":2.5},{"predictionId":"{{id}}","actual":"x"},
             {"predictionId":"{{id}}"},{"actual":1},{"predictionId":"{{id}}","actual":null},{"predictionId":"{{id}}","actual":1e999}]
            """);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ["unknown", "accepted", "invalid", "invalid", "invalid", "invalid", "invalid"],
            answer.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("status").GetString()));
        Assert.Equal(1, serving.Count("SELECT count(*) FROM gyre_feedback WHERE actual = '2.5'"));
    }

    [Fact]
    public async Task Feedback_Twice_KeepsTheLater()
    {
        await using var serving = await ServingFixture.StartAsync();
        var id = await PredictAsync(serving);
        await FeedbackAsync(serving, $$"""[{"predictionId":"{{id}}","actual":1}]""");
        await FeedbackAsync(serving, $$"""[{"predictionId":"{{id}}","actual":2}]""");
        Assert.Equal(1, serving.Count("SELECT count(*) FROM gyre_feedback"));
        Assert.Equal(1, serving.Count("SELECT count(*) FROM gyre_feedback WHERE actual = '2'"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[{\"predictionId\":\"x\",\"actual\":NaN}]")]
    [InlineData("[{\"predictionId\":\"x\",\"actual\":1}")]
    public async Task Feedback_MalformedBody_Answers400(string body)
    {
        await using var serving = await ServingFixture.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await FeedbackAsync(serving, body)).Status);
    }

    [Fact]
    public async Task Feedback_UnknownModel_Answers404()
    {
        await using var serving = await ServingFixture.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound,
            (await serving.PostAsync("/feedback/x", """[{"predictionId":"x","actual":1}]""")).Status);
    }

    private static async Task<string> PredictAsync(ServingFixture serving) =>
        (await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}}]}""")).Body
        .GetProperty("predictionId").GetString()!; // every answer has one

    private static Task<(HttpStatusCode Status, JsonElement Body)> FeedbackAsync(ServingFixture serving, string body) =>
        serving.PostAsync("/feedback/m", body);
}
