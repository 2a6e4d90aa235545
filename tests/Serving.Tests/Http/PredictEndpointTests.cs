using System.Net;
using Gyre.Fixtures;

namespace Gyre.Serving.Tests.Http;

public sealed class PredictEndpointTests
{
    [Fact]
    public async Task Predict_OneRow_AnswersPredictionAndId()
    {
        await using var serving = await ServingFixture.StartAsync();
        var (status, answer) = await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}}]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("m", answer.GetProperty("model").GetString());
        Assert.Equal(1, answer.GetProperty("version").GetInt32());
        Assert.Equal(32, answer.GetProperty("predictionId").GetString()!.Length);
        Assert.Equal(21, answer.GetProperty("predictions")[0].GetDouble());
    }

    [Fact]
    public async Task Predict_Answered_IsRecordedWithItsInputs()
    {
        await using var serving = await ServingFixture.StartAsync();
        var (_, answer) = await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}},{{FakeScorer.Row}}]}""");
        var ids = answer.GetProperty("predictionIds").EnumerateArray().Select(id => id.GetString()).ToArray();

        Assert.Equal(2, ids.Distinct().Count());
        await Eventually.HoldsAsync(() => serving.Count("SELECT count(*) FROM gyre_predictions") == 2);
        using var connection = serving.Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT prediction_id, row_index, inputs, output, version FROM gyre_predictions ORDER BY row_index";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(ids[0], reader.GetString(0));
        Assert.Equal("""{"temp":10.5,"hour":3,"holiday":false,"weather":"clear","at":1325376000000000}""", reader.GetString(2));
        Assert.Equal("21", reader.GetString(3));
        Assert.Equal(1, reader.GetInt32(4));
    }
}
