using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Serving.Tests.Grpc;

public class DescribingMethodTests
{
    [Fact]
    public async Task ServerRpcs_OfAServerThatServes_SayItsStateAndName()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        Assert.True(ServerLiveResponse.Parser.ParseFrom(await CallAsync(client, "ServerLive", new ServerLiveRequest())).Live);
        Assert.True(ServerReadyResponse.Parser.ParseFrom(await CallAsync(client, "ServerReady", new ServerReadyRequest())).Ready);
        var metadata = ServerMetadataResponse.Parser.ParseFrom(
            await CallAsync(client, "ServerMetadata", new ServerMetadataRequest()));
        Assert.Equal("gyre", metadata.Name);
        Assert.NotEmpty(metadata.Version);
    }

    [Theory]
    [InlineData("m", "", true)]
    [InlineData("m", "1", true)]
    [InlineData("m", "9", false)]
    [InlineData("other", "", false)]
    public async Task ModelReady_SaysWhetherThatVersionIsServed(string name, string version, bool ready)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await CallAsync(client, "ModelReady", new ModelReadyRequest { Name = name, Version = version });
        Assert.Equal(ready, ModelReadyResponse.Parser.ParseFrom(answer).Ready);
    }

    [Fact]
    public async Task ModelMetadata_ListsInputsAndOutputs()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var model = ModelMetadataResponse.Parser.ParseFrom(
            await CallAsync(client, "ModelMetadata", new ModelMetadataRequest { Name = "m" }));
        Assert.Equal(["1"], model.Versions);
        Assert.Equal(["temp FP64", "hour INT64", "holiday BOOL", "weather BYTES", "at INT64"],
            model.Inputs.Select(input => $"{input.Name} {input.Datatype}"));
        Assert.All(model.Inputs, input => Assert.Equal([-1, 1], input.Shape));
        Assert.Equal("prediction FP32", $"{model.Outputs[0].Name} {model.Outputs[0].Datatype}");
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("inference.GRPCInferenceService", 0)]
    [InlineData("other.Service", 5)]
    public async Task HealthCheck_OfAServerThatServes_SaysServing(string service, int status)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.CallAsync(
            "/grpc.health.v1.Health/Check", new HealthCheckRequest { Service = service });
        Assert.Equal(status, answer.Status);
        if (status > 0) return;
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving,
            HealthCheckResponse.Parser.ParseFrom(answer.Body).Status);
    }

    private static async Task<byte[]> CallAsync(GrpcClient client, string method, Google.Protobuf.IMessage request)
    {
        var answer = await client.CallAsync(GrpcClient.Service + method, request);
        Assert.True(answer.Status == 0, answer.Message);
        return answer.Body ?? []; // a message of defaults has no bytes
    }
}
