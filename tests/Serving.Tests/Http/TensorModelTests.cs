using System.Net;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Serving.Slots;
using static Gyre.Fixtures.OnnxGraph;

namespace Gyre.Serving.Tests.Http;

/// <summary>Graphs that somebody else made, served as they are.</summary>
public sealed class TensorModelTests
{
    private const string Infer = "/v2/models/m/infer";

    [Theory]
    [InlineData("BOOL", OnnxGraph.Bool, "[true,false]")]
    [InlineData("UINT8", OnnxGraph.UInt8, "[0,255]")]
    [InlineData("UINT16", OnnxGraph.UInt16, "[0,65535]")]
    [InlineData("UINT32", OnnxGraph.UInt32, "[0,4294967295]")]
    [InlineData("UINT64", OnnxGraph.UInt64, "[0,18446744073709551615]")]
    [InlineData("INT8", OnnxGraph.Int8, "[-128,127]")]
    [InlineData("INT16", OnnxGraph.Int16, "[-32768,32767]")]
    [InlineData("INT32", OnnxGraph.Int32, "[-2147483648,2147483647]")]
    [InlineData("INT64", OnnxGraph.Int64, "[-9223372036854775808,9223372036854775807]")]
    [InlineData("FP32", OnnxGraph.Float32, "[0.1,-3E+38]")]
    [InlineData("FP64", OnnxGraph.Float64, "[0.1,-1.7E+308]")]
    [InlineData("BYTES", OnnxGraph.Text, "[\"größer\",\"\"]")]
    public async Task Infer_EveryDatatypeOfJson_ComesBackAsItWas(string datatype, int type, string data)
    {
        await using var serving = await StartAsync(Echo(("x", type, [-1])).Build());

        var (status, answer) = await serving.PostAsync(Infer, $$"""
            {"id":"7","inputs":[{"name":"in_x","shape":[2],"datatype":"{{datatype}}","data":{{data}}}]}
            """);

        Assert.True(status is HttpStatusCode.OK, answer.GetRawText());
        var output = Assert.Single(answer.GetProperty("outputs").EnumerateArray());
        Assert.Equal($$"""{"name":"x","shape":[2],"datatype":"{{datatype}}","data":{{data}}}""", output.GetRawText());
        Assert.Equal("7", answer.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Infer_ScalarsMatricesAndSeveralOutputs_KeepTheirShapes()
    {
        var graph = Echo(("scale", Float32, []), ("matrix", OnnxGraph.Int64, [-1, 2, -2]), ("text", Text, [-1])).Build();
        await using var serving = await StartAsync(graph);

        var (_, model) = await GetAsync(serving, "/v2/models/m");
        Assert.Equal(
            """[{"name":"in_scale","datatype":"FP32","shape":[]},{"name":"in_matrix","datatype":"INT64","shape":[-1,2,-1]},{"name":"in_text","datatype":"BYTES","shape":[-1]}]""",
            model.GetProperty("inputs").GetRawText());
        foreach (var matrix in new[] { "[1,2,3,4,5,6]", "[[[1,2,3],[4,5,6]]]" })
        {
            var (status, answer) = await serving.PostAsync(Infer, $$"""
                {"inputs":[{"name":"in_scale","shape":[],"datatype":"FP32","data":[2.5]},
                {"data":{{matrix}},"name":"in_matrix","shape":[1,2,3],"datatype":"INT64"},
                {"name":"in_text","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"matrix"},{"name":"scale"}]}
                """);
            Assert.True(status is HttpStatusCode.OK, answer.GetRawText());
            Assert.Equal(
                """[{"name":"matrix","shape":[1,2,3],"datatype":"INT64","data":[1,2,3,4,5,6]},{"name":"scale","shape":[],"datatype":"FP32","data":[2.5]}]""",
                answer.GetProperty("outputs").GetRawText());
        }
    }

    [Theory]
    [InlineData("wrong-type", """{"name":"in_x","shape":[1,2],"datatype":"FP64","data":[1,2]}""")]
    [InlineData("wrong-type", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,"2"]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3]]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[[1,2,3],[4]]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[1,[2],3,4]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[[[1,2],[3,4]]]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,2,3]}""")]
    [InlineData("missing-value", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,null]}""")]
    [InlineData("not-finite", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,1e39]}""")]
    [InlineData("not-finite", """{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,"NaN"]}""")]
    [InlineData("bad-shape", """{"name":"in_x","shape":[4000000000,2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("bad-json", """{"name":"in_x","shape":[1,2],"shape":[2,2],"datatype":"FP32","data":[1,2]}""")]
    [InlineData("unknown-column", """{"name":"y","shape":[1,2],"datatype":"FP32","data":[1,2]}""")]
    public async Task Infer_TensorThatIsNotWhatTheModelTakes_IsRefused(string reason, string tensor)
    {
        await using var serving = await StartAsync(Echo(("x", Float32, [-1, 2])).Build());

        var (status, answer) = await serving.PostAsync(Infer, $$"""{"inputs":[{{tensor}}]}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("in_x", answer.GetProperty("error").GetString()!.Replace("'y'", "in_x", StringComparison.Ordinal), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => serving.Count($"SELECT count(*) FROM gyre_rejections WHERE reason = '{reason}'") == 1);
    }

    [Fact]
    public async Task Infer_RowsOfTensors_AreRecordedEach()
    {
        await using var serving = await StartAsync(Echo(("x", Float32, [-1, 2]), ("big", UInt8, [-1, -2])).Build());
        var big = string.Join(',', Enumerable.Repeat("7", 2 * 1025));

        var (status, answer) = await serving.PostAsync(Infer, $$"""
            {"inputs":[{"name":"in_x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]},
            {"name":"in_big","shape":[2,1025],"datatype":"UINT8","data":[{{big}}]}]}
            """);

        Assert.True(status is HttpStatusCode.OK, answer.GetRawText());
        Assert.Equal(2, answer.GetProperty("parameters").GetProperty("predictionIds").GetArrayLength());
        await Eventually.HoldsAsync(() => serving.Count("SELECT count(*) FROM gyre_predictions") == 2);
        Assert.Equal(1, serving.Count(
            """SELECT count(*) FROM gyre_predictions WHERE inputs LIKE '{"in_x":[3,4],"in_big":{"shape":[1025],"sha256":"%"}}'"""));
    }

    [Fact]
    public void Load_LabelsBesideTheGraph_AddAnOutput()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), Echo(("logits", Float32, [-1, 3])).Build());
        File.WriteAllText(folder.File("config.json"), """{"id2label":{"0":"low","2":"high","1":"middle"}}""");

        using var scorer = ScorerLoading.Load(folder.Path);

        Assert.Equal(["logits", "label"], scorer.Outputs.Select(o => o.Name));
        Assert.Equal(["low", "middle", "high"], scorer.Labels!.Names.AsEnumerable());
    }

    [Fact]
    public async Task Infer_NotFiniteOutput_IsNullInJson()
    {
        var graph = new OnnxGraph().Node("Log", ["x"], "y").Input("x", Float32, -1).Output("y", Float32, -1).Build();
        await using var serving = await StartAsync(graph);

        var (_, answer) = await serving.PostAsync(
            Infer, """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[0,1]}]}""");

        Assert.Equal("[null,0]", answer.GetProperty("outputs")[0].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Infer_WhatTheGraphCannotCompute_IsTheClientsMistake()
    {
        var graph = new OnnxGraph().Node("MatMul", ["a", "b"], "y")
            .Input("a", Float32, -1, -2).Input("b", Float32, -3, -4).Output("y", Float32, -1, -4).Build();
        await using var serving = await StartAsync(graph);

        var (status, answer) = await serving.PostAsync(Infer, """
            {"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":[1,2]},{"name":"b","shape":[1,1],"datatype":"FP32","data":[1]}]}
            """);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("cannot compute", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static async Task<ServingFixture> StartAsync(byte[] graph)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("graph.onnx"), graph);
        return await ServingFixture.StartAsync(model: ScorerLoading.Load(folder.File("graph.onnx")));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(ServingFixture serving, string path)
    {
        using var response = await serving.Client.GetAsync(new Uri(serving.Address, path));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }
}
