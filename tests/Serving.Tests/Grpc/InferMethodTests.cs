using System.Runtime.InteropServices;
using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Grpc;

public class InferMethodTests
{
    private const int InvalidArgument = 3;
    private const int NotFound = 5;

    [Fact]
    public async Task ModelInfer_TypedContents_AnswersTyped()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var request = InferRequests.Typed();
        request.Id = "mine";
        request.Parameters["anything"] = new InferParameter { DoubleParam = 1.5 };
        request.Inputs[0].Parameters["other"] = new InferParameter { BoolParam = true };
        var answer = await client.InferAsync(request);
        Assert.Equal(("m", "1", "mine"), (answer.ModelName, answer.ModelVersion, answer.Id));
        Assert.NotEmpty(answer.Parameters["predictionId"].StringParam);
        var output = Assert.Single(answer.Outputs);
        Assert.Equal(("prediction", "FP32"), (output.Name, output.Datatype));
        Assert.Equal([1, 1], output.Shape);
        Assert.Equal([21f], output.Contents.Fp32Contents);
        Assert.Empty(answer.RawOutputContents);
    }

    [Fact]
    public async Task ModelInfer_RawContents_AnswersRaw()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.InferAsync(InferRequests.Raw(rows: 300));
        var output = Assert.Single(answer.Outputs);
        Assert.Null(output.Contents);
        Assert.Equal([300, 1], output.Shape);
        var values = MemoryMarshal.Cast<byte, float>(Assert.Single(answer.RawOutputContents).Span).ToArray();
        Assert.Equal(Enumerable.Range(1, 300).Select(row => row * 2f), values);
        Assert.Equal(300, answer.Parameters["predictionIds"].StringParam.Split(',').Distinct().Count());
    }

    [Theory]
    [InlineData(ColumnType.Integer, "0,7")]
    [InlineData(ColumnType.Boolean, "false,true")]
    [InlineData(ColumnType.Categorical, "no,yes")]
    public async Task ModelInfer_Classes_AnswersLabelsOfTheTargetsType(ColumnType target, string classes)
    {
        var names = classes.Split(',');
        await using var server = await ServingFixture.StartAsync(
            model: new FakeScorer { Labels = new ClassLabels([.. names], target) });
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.InferAsync(InferRequests.Typed());
        var label = answer.Outputs.Single(output => output.Name == "label");
        var given = target switch
        {
            ColumnType.Integer => $"{Assert.Single(label.Contents.Int64Contents)}",
            ColumnType.Boolean => Assert.Single(label.Contents.BoolContents) ? "true" : "false",
            _ => Assert.Single(label.Contents.BytesContents).ToStringUtf8(),
        };
        Assert.Equal(names[1], given);
        Assert.Equal([0f, 1f], answer.Outputs.Single(output => output.Name == "probabilities").Contents.Fp32Contents);
    }

    [Fact]
    public async Task ModelInfer_NamedOutputs_AnswersThoseInThatOrder()
    {
        await using var server = await ServingFixture.StartAsync(
            model: new FakeScorer { Labels = new ClassLabels(["no", "yes"], ColumnType.Categorical) });
        using var client = new GrpcClient(server.GrpcAddress);
        var request = InferRequests.Raw();
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "probabilities" });
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "label" });
        var answer = await client.InferAsync(request);
        Assert.Equal(["probabilities", "label"], answer.Outputs.Select(output => output.Name));
        Assert.Equal(new byte[] { 3, 0, 0, 0, (byte)'y', (byte)'e', (byte)'s' }, answer.RawOutputContents[1].ToByteArray());
    }

    [Fact]
    public async Task ModelInfer_AnswersAreInThePredictionLog()
    {
        await using var server = await ServingFixture.StartAsync(options => options.StrictPredictionLog = true);
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.InferAsync(InferRequests.Typed());
        var id = answer.Parameters["predictionId"].StringParam;
        Assert.Equal(1, server.Count($"SELECT COUNT(*) FROM gyre_predictions WHERE prediction_id = '{id}'"));
    }

    /// <summary>What a client can get wrong: the change, and a word of the answer that names it.</summary>
    public static TheoryData<string, string> Mistakes => new()
    {
        { "no inputs", "missing" },
        { "a column missing", "'at'" },
        { "a column twice", "two tensors" },
        { "an unknown column", "'wind'" },
        { "an unknown output", "'speed'" },
        { "an unknown datatype", "FP8" },
        { "contents of another list", "list" },
        { "half precision typed", "raw_input_contents" },
        { "more rows in a column", "rows" },
        { "more values than the shape", "shape" },
        { "no contents", "shape" },
        { "a huge shape", "large" },
        { "beyond the datatype", "INT8" },
        { "raw and typed", "one or the other" },
        { "a raw entry too few", "fewer" },
        { "a raw entry too many", "more" },
        { "raw bytes too few", "bytes" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task ModelInfer_Mistake_IsInvalidArgumentWithItsCause(string mistake, string word)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.CallAsync(GrpcClient.Service + "ModelInfer", Spoil(mistake));
        Assert.True(InvalidArgument == answer.Status, $"{answer.Status} {answer.Message}");
        Assert.Contains(word, answer.Message, StringComparison.Ordinal);
        Assert.Null(answer.Body);
    }

    [Theory]
    [InlineData("other", "")]
    [InlineData("m", "7")]
    [InlineData("m", "latest")]
    public async Task ModelInfer_WhatIsNotServed_IsNotFound(string model, string version)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var request = InferRequests.Typed(model: model);
        request.ModelVersion = version;
        var answer = await client.CallAsync(GrpcClient.Service + "ModelInfer", request);
        Assert.Equal(NotFound, answer.Status);
    }

    private static ModelInferRequest Spoil(string mistake)
    {
        var typed = InferRequests.Typed();
        var raw = InferRequests.Raw();
        switch (mistake)
        {
            case "no inputs": typed.Inputs.Clear(); return typed;
            case "a column missing": typed.Inputs.RemoveAt(4); return typed;
            case "a column twice": typed.Inputs.Add(typed.Inputs[0]); return typed;
            case "an unknown column": typed.Inputs[0].Name = "wind"; return typed;
            case "an unknown output": typed.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "speed" }); return typed;
            case "an unknown datatype": typed.Inputs[0].Datatype = "FP8"; return typed;
            case "contents of another list": typed.Inputs[0].Datatype = "FP32"; return typed;
            case "half precision typed": typed.Inputs[0].Datatype = "FP16"; return typed;
            case "more rows in a column":
                typed.Inputs[1].Contents.Int64Contents.Add(4);
                typed.Inputs[1].Shape[0] = 2;
                return typed;
            case "more values than the shape": typed.Inputs[0].Contents.Fp64Contents.Add(1); return typed;
            case "no contents": typed.Inputs[0].Contents = null; return typed;
            case "a huge shape": typed.Inputs[0].Shape.Add([long.MaxValue, long.MaxValue]); return typed;
            case "beyond the datatype":
                typed.Inputs[1].Datatype = "INT8";
                typed.Inputs[1].Contents = new InferTensorContents { IntContents = { 128 } };
                return typed;
            case "raw and typed": raw.Inputs[0].Contents = new InferTensorContents { Fp32Contents = { 1 } }; return raw;
            case "a raw entry too few": raw.RawInputContents.RemoveAt(4); return raw;
            case "a raw entry too many": raw.RawInputContents.Add(ByteString.Empty); return raw;
            case "raw bytes too few": raw.RawInputContents[0] = ByteString.CopyFrom(1, 2); return raw;
            default: throw new ArgumentOutOfRangeException(nameof(mistake), mistake, "No such mistake.");
        }
    }
}
