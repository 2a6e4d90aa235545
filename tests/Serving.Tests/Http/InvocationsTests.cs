using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Http;

public sealed class InvocationsTests
{
    private const string At = "\"2012-01-01T00:00:00Z\"";

    [Theory]
    [InlineData("application/json", """{"dataframe_split":{"columns":["hour","temp","extra","holiday","weather","at"],"index":[0,1],"data":[[3,1.5,"?",false,"x",0],[4,2,null,null,null,null]]}}""")]
    [InlineData("application/json", """{"dataframe_split":{"data":[[1.5,3,false,"x",0],[2,4,null,null,null]]}}""")]
    [InlineData("application/json; charset=utf-8", """{"dataframe_records":[{"temp":1.5,"hour":3,"holiday":false,"weather":"x","at":0},{"temp":2,"hour":4,"holiday":null,"weather":null,"at":null,"extra":[1]}],"params":{"a":1}}""")]
    [InlineData("application/json", """{"instances":[{"temp":1.5,"hour":3,"holiday":false,"weather":"x","at":0},[2,4,null,null,null]]}""")]
    [InlineData("application/json", """{"inputs":{"temp":[1.5,2],"hour":[[3],[4]],"holiday":[false,null],"weather":["x",null],"at":[0,null]}}""")]
    [InlineData("text/csv; charset=UTF-8", "temp,hour,holiday,weather,at\r\n1.5,3,false,\"x, \"\"y\"\"\",2012-01-01\r\n2,4,,,\r\n")]
    public async Task Invocations_EveryForm_PredictsTheSame(string type, string body)
    {
        await using var serving = await ServingFixture.StartAsync();

        var (status, answer) = await PostAsync(serving, "/invocations", type, body);

        Assert.True(status is HttpStatusCode.OK, answer.GetRawText());
        Assert.Equal("[3,4]", answer.GetProperty("predictions").GetRawText());
    }

    [Fact]
    public async Task Invocations_Classifier_AnswersLabels()
    {
        var labels = new ClassLabels(["no", "yes"], ColumnType.Categorical);
        await using var serving = await ServingFixture.StartAsync(model: new FakeScorer { Labels = labels });

        var (_, answer) = await PostAsync(serving, "/models/m/invocations", "application/json",
            $$"""{"instances":[[1,1,true,"x",{{At}}],[-1,1,true,"x",{{At}}]]}""");

        Assert.Equal("""["yes","no"]""", answer.GetProperty("predictions").GetRawText());
    }

    [Theory]
    [InlineData("""{"inputs":{"in_x":[[1,2],[3,4]]}}""")]
    [InlineData("""{"inputs":[[1,2],[3,4]]}""")]
    [InlineData("""{"instances":[[1,2],[3,4]]}""")]
    [InlineData("""{"dataframe_split":{"columns":["a","b"],"data":[[1,2],[3,4]]}}""")]
    public async Task Invocations_Tensors_AnswersThemNested(string body)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("g.onnx"), OnnxGraph.Echo(("x", OnnxGraph.Float32, [-1, 2])).Build());
        await using var serving = await ServingFixture.StartAsync(model: ScorerLoading.Load(folder.File("g.onnx")));

        var (status, answer) = await PostAsync(serving, "/invocations", "application/json", body);

        Assert.True(status is HttpStatusCode.OK, answer.GetRawText());
        Assert.Equal("""{"x":[[1,2],[3,4]]}""", answer.GetProperty("predictions").GetRawText());
    }

    [Theory]
    [InlineData("text/plain", "1", 415)]
    [InlineData("application/json; charset=latin1", "{}", 415)]
    [InlineData("application/json", "{}", 400)]
    [InlineData("application/json", "[]", 400)]
    [InlineData("application/json", """{"inputs":[],"instances":[]}""", 400)]
    [InlineData("application/json", """{"columns":[],"data":[]}""", 400)]
    [InlineData("application/json", """{"dataframe_split":{"columns":["temp"],"data":[[1]]}}""", 400)]
    [InlineData("application/json", """{"dataframe_split":{"columns":["temp"]}}""", 400)]
    [InlineData("application/json", """{"dataframe_records":[]}""", 400)]
    [InlineData("application/json", """{"dataframe_records":[{"temp":1}]}""", 400)]
    [InlineData("application/json", """{"inputs":{"temp":[1,2],"hour":[1],"holiday":[null],"weather":[null],"at":[null]}}""", 400)]
    [InlineData("text/csv", "temp\n1\n", 400)]
    [InlineData("text/csv", "temp,hour,holiday,weather,at\n1,2\n", 400)]
    [InlineData("text/csv", "temp,hour,holiday,weather,at\nwarm,2,,,\n", 400)]
    [InlineData("text/csv", "temp,hour,holiday,weather,at\n,2,,,\n", 400)]
    [InlineData("text/csv", "temp,hour,holiday,weather,at\n1,2,,\"x,\n", 400)]
    public async Task Invocations_WrongRequest_IsRefused(string type, string body, int expected)
    {
        await using var serving = await ServingFixture.StartAsync();

        Assert.Equal(expected, (int)(await PostAsync(serving, "/invocations", type, body)).Status);
    }

    [Fact]
    public async Task Invocations_ModelNamedOrNot_FindsIt()
    {
        await using var serving = await ServingFixture.StartAsync();
        var body = $$"""{"instances":[[1,1,true,"x",{{At}}]]}""";

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(serving, "/invocations?model=m", "application/json", body)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(serving, "/invocations?model=x", "application/json", body)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(serving, "/models/x/invocations", "application/json", body)).Status);
        using var ping = await serving.Client.GetAsync(new Uri(serving.Address, "/ping"));
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
    }

    private static Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        ServingFixture serving, string path, string type, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return serving.PostAsync(path, content);
    }
}
