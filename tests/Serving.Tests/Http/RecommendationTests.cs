using System.Collections.Immutable;
using System.Net;
using Gyre.Serving.Engine;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Http;

public sealed class RecommendationTests
{
    [Fact]
    public async Task Predict_ItemLeftOut_ListWithoutEmptyPlaces()
    {
        await using var serving = await ServingFixture.StartAsync(model: new TwoItems());
        var (status, answer) = await serving.PostAsync("/predict/m", """{"rows":[{"user":"u"},{"user":"v","item":"x"}]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"items":["a"],"scores":[2.5],"prediction":1}""", answer.GetProperty("predictions")[0].GetRawText());
        Assert.Equal(2, answer.GetProperty("predictions")[1].GetProperty("prediction").GetDouble());
    }

    [Fact]
    public async Task Infer_ItemLeftOut_RectangularTensors()
    {
        await using var serving = await ServingFixture.StartAsync(model: new TwoItems());
        var (status, answer) = await serving.PostAsync("/v2/models/m/infer",
            """{"inputs":[{"name":"user","shape":[1,1],"datatype":"BYTES","data":["u"]}]}""");

        Assert.Equal(HttpStatusCode.OK, status);
        var outputs = answer.GetProperty("outputs");
        Assert.Equal("""["a",""]""", outputs[0].GetProperty("data").GetRawText());
        Assert.Equal("[1,2]", outputs[1].GetProperty("shape").GetRawText());
        Assert.Equal("[1]", outputs[2].GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Predict_UserLeftOut_Refused()
    {
        await using var serving = await ServingFixture.StartAsync(model: new TwoItems());
        var (status, _) = await serving.PostAsync("/predict/m", """{"rows":[{"item":"x"}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    /// <summary>Recommends one item where two have room; rates 2 when an item is named, else 1.</summary>
    private sealed class TwoItems : IScorer
    {
        public Schema Inputs { get; } = new(
            [new ColumnDefinition("user", ColumnType.Id, Nullable: false), new ColumnDefinition("item", ColumnType.Id)]);

        public string? OptionalInput => "item";

        public ClassLabels? Labels => null;

        public ImmutableArray<OutputTensor> Outputs => ListOutputs.Tensors(2, rated: true);

        public ModelOutputs Score(ModelInputs inputs) => new ListOutputs(
            2,
            Enumerable.Range(0, inputs.Rows).SelectMany(_ => new[] { "a", "" }).ToArray(),
            Enumerable.Range(0, inputs.Rows).SelectMany(_ => new[] { 2.5f, float.MinValue }).ToArray(),
            Enumerable.Range(0, inputs.Rows).Select(row => ((TableInputs)inputs).Table["item"].IsMissing(row) ? 1f : 2f).ToArray());

        public void Dispose()
        {
        }
    }
}
