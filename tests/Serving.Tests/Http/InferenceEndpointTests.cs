using System.Net;
using System.Text.Json;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Http;

public sealed class InferenceEndpointTests
{
    [Fact]
    public async Task Infer_FlatNestedAndConvertibleTensors_PredictsTheSame()
    {
        await using var serving = await ServingFixture.StartAsync();
        foreach (var temp in new[]
        {
            """{"name":"temp","shape":[2],"datatype":"FP64","data":[1.5,2]}""",
            """{"data":[[1.5],[2]],"name":"temp","shape":[2,1],"datatype":"FP32"}""",
            """{"datatype":"FP32","data":[1.5,2.0],"parameters":{"content_type":"np"},"shape":[2,1],"name":"temp"}""",
        })
        {
            var (status, answer) = await serving.PostAsync("/v2/models/m/versions/1/infer", Request(temp));
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal("r1", answer.GetProperty("id").GetString());
            Assert.Equal("m", answer.GetProperty("model_name").GetString());
            Assert.Equal("1", answer.GetProperty("model_version").GetString());
            Assert.Equal(2, answer.GetProperty("parameters").GetProperty("predictionIds").GetArrayLength());
            var output = Assert.Single(answer.GetProperty("outputs").EnumerateArray());
            Assert.Equal(
                """{"name":"prediction","shape":[2,1],"datatype":"FP32","data":[3,4]}""", output.GetRawText());
        }
    }

    [Fact]
    public async Task Infer_Classification_AnswersLabelsAndProbabilities()
    {
        var labels = new ClassLabels(["0", "1"], ColumnType.Integer);
        await using var serving = await ServingFixture.StartAsync(model: new FakeScorer { Labels = labels });
        var temp = """{"name":"temp","shape":[2],"datatype":"FP64","data":[-1,1]}""";
        var (_, answer) = await serving.PostAsync("/v2/models/m/infer", Request(temp));
        Assert.Equal(
            """[{"name":"label","shape":[2],"datatype":"INT64","data":[0,1]},{"name":"probabilities","shape":[2,2],"datatype":"FP32","data":[1,0,0,1]}]""",
            answer.GetProperty("outputs").GetRawText());

        (_, answer) = await serving.PostAsync("/v2/models/m/infer", Request(temp, """[{"name":"label"}]"""));
        Assert.Equal("label", Assert.Single(answer.GetProperty("outputs").EnumerateArray()).GetProperty("name").GetString());

        (_, answer) = await serving.PostAsync("/predict/m", $$"""{"rows":[{{FakeScorer.Row}}]}""");
        Assert.Equal("""{"label":1,"probabilities":{"0":0,"1":1}}""", answer.GetProperty("predictions")[0].GetRawText());
    }

    [Fact]
    public async Task Metadata_ServedModel_DescribesInputsAndOutputs()
    {
        await using var serving = await ServingFixture.StartAsync();
        Assert.Equal("gyre", (await GetAsync(serving, "/v2")).GetProperty("name").GetString());
        var model = await GetAsync(serving, "/v2/models/m");
        Assert.Equal("""{"name":"temp","datatype":"FP64","shape":[-1,1]}""", model.GetProperty("inputs")[0].GetRawText());
        Assert.Equal("""{"name":"prediction","datatype":"FP32","shape":[-1,1]}""", model.GetProperty("outputs")[0].GetRawText());
        Assert.Equal("""["1"]""", model.GetProperty("versions").GetRawText());
        Assert.Equal("BYTES", model.GetProperty("inputs")[3].GetProperty("datatype").GetString());
    }

    [Theory]
    [InlineData("/v2/health/live", 200)]
    [InlineData("/v2/health/ready", 200)]
    [InlineData("/v2/models/m/ready", 200)]
    [InlineData("/v2/models/m/versions/1/ready", 200)]
    [InlineData("/v2/models/m/versions/2/ready", 404)]
    [InlineData("/v2/models/x/ready", 404)]
    [InlineData("/v2/models/x", 404)]
    public async Task Get_HealthAndReadiness_AnswersWhatIsServed(string path, int status)
    {
        await using var serving = await ServingFixture.StartAsync();
        using var response = await serving.Client.GetAsync(new Uri(serving.Address, path));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Infer_UnknownModel_Answers404()
    {
        await using var serving = await ServingFixture.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/v2/models/x/infer", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/v2/models/m/versions/9/infer", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await serving.PostAsync("/predict/x", "{}")).Status);
    }

    private static string Request(string temp, string outputs = "[]") => $$"""
        {"id":"r1","parameters":{"a":{"b":[1]} },"outputs":{{outputs}},"inputs":[{{temp}},
        {"name":"hour","shape":[2],"datatype":"FP64","data":[1.0,2]},
        {"name":"holiday","shape":[2],"datatype":"INT8","data":[0,null]},
        {"name":"weather","shape":[2],"datatype":"BYTES","data":["x",null]},
        {"name":"at","shape":[2],"datatype":"BYTES","data":["2012-01-01","2012-01-01T05:00:00+02:00"]}]}
        """;

    private static async Task<JsonElement> GetAsync(ServingFixture serving, string path) =>
        JsonDocument.Parse(await serving.Client.GetStringAsync(new Uri(serving.Address, path))).RootElement;
}
