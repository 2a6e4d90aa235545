using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Gyre.Serving.Grpc.Protocol;
using Gyre.Serving.Grpc.Transport;

namespace Gyre.Serving.Tests.Grpc;

public class GrpcTransportTests
{
    private const string Infer = GrpcClient.Service + "ModelInfer";

    /// <summary>Bodies that are no message in its frame, and the status that gRPC's own table has for them.</summary>
    public static TheoryData<string, byte[], GrpcCode> BadBodies => new()
    {
        { "nothing", [], GrpcCode.Internal },
        { "half a prefix", [0, 0, 0], GrpcCode.Internal },
        { "a message that ends early", [0, 0, 0, 0, 9, 1], GrpcCode.Internal },
        { "a length beyond the limit", [0, 255, 255, 255, 255, 1], GrpcCode.ResourceExhausted },
        { "two messages", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], GrpcCode.Unimplemented },
        { "an unknown flag", [7, 0, 0, 0, 0], GrpcCode.Internal },
        { "compressed without an encoding", [1, 0, 0, 0, 1, 1], GrpcCode.Internal },
        { "no protobuf", [0, 0, 0, 0, 2, 0x0A, 0xFF], GrpcCode.Internal },
        { "an endless group", [0, 0, 0, 0, 1, 0x0B], GrpcCode.Internal },
    };

    /// <summary>Some of the codes, for the data above.</summary>
    public enum GrpcCode
    {
        ResourceExhausted = 8,
        Unimplemented = 12,
        Internal = 13,
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Call_BadBody_EndsWithItsStatus(string body, byte[] bytes, GrpcCode status)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.SendAsync(Infer, bytes);
        Assert.True((int)status == answer.Status, $"{body}: {answer.Status} {answer.Message}");
        Assert.Equal(HttpStatusCode.OK, answer.Http);
        Assert.NotEmpty(answer.Message!);
    }

    [Fact]
    public async Task Call_UnknownMethod_IsUnimplemented()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        Assert.Equal(12, (await client.CallAsync("/other.Service/Method", new ServerLiveRequest())).Status);
        Assert.Equal(12, (await client.CallAsync(GrpcClient.Service + "ModelTrain", new ServerLiveRequest())).Status);
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc+json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc-web", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    [InlineData("application/grpc;charset=utf-8", HttpStatusCode.OK)]
    public async Task Call_ContentType_DecidesWhetherItIsOne(string contentType, HttpStatusCode status)
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.CallAsync(GrpcClient.Service + "ServerLive", new ServerLiveRequest(),
            request => request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType)); // it has a body
        Assert.Equal(status, answer.Http);
    }

    [Fact]
    public async Task Call_OverHttp1_IsRefused()
    {
        await using var server = await ServingFixture.StartAsync();
        using var content = new ByteArrayContent(GrpcClient.Frame([]));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var answer = await server.Client.PostAsync(new Uri(server.Address, GrpcClient.Service + "ServerLive"), content);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
    }

    [Fact]
    public async Task Call_LongerThanTheLimit_IsResourceExhausted()
    {
        await using var server = await ServingFixture.StartAsync(options => options.MaximumBodyBytes = 1000);
        using var client = new GrpcClient(server.GrpcAddress);
        Assert.Equal(8, (await client.CallAsync(Infer, InferRequests.Raw(200))).Status);
    }

    [Fact]
    public async Task Call_Gzip_IsDecompressedUpToTheLimit()
    {
        await using var server = await ServingFixture.StartAsync(options => options.MaximumBodyBytes = 10_000);
        using var client = new GrpcClient(server.GrpcAddress);
        var fits = await client.SendAsync(
            Infer, GrpcClient.Frame(Zip(InferRequests.Raw(100).ToByteArray()), compressed: true), AsGzip);
        Assert.Equal(0, fits.Status);
        var bomb = await client.SendAsync(Infer, GrpcClient.Frame(Zip(new byte[5_000_000]), compressed: true), AsGzip);
        Assert.Equal(8, bomb.Status);
        var damaged = await client.SendAsync(Infer, GrpcClient.Frame([1, 2, 3], compressed: true), AsGzip);
        Assert.Equal(13, damaged.Status);
    }

    [Fact]
    public async Task Call_UnknownEncoding_IsUnimplementedAndNamesTheKnown()
    {
        await using var server = await ServingFixture.StartAsync();
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.SendAsync(Infer, GrpcClient.Frame([1], compressed: true),
            request => request.Headers.Add("grpc-encoding", "snappy"));
        Assert.Equal(12, answer.Status);
        Assert.Equal("identity,gzip", answer.Headers["grpc-accept-encoding"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_WhoseDeadlineHasPassed_ScoresNothing()
    {
        await using var server = await ServingFixture.StartAsync(options => options.StrictPredictionLog = true);
        using var client = new GrpcClient(server.GrpcAddress);
        var answer = await client.CallAsync(Infer, InferRequests.Typed(),
            request => request.Headers.Add("grpc-timeout", "0m"));
        Assert.Equal(4, answer.Status);
        await client.InferAsync(InferRequests.Typed());
        Assert.Equal(1, server.Count("SELECT COUNT(*) FROM gyre_predictions"));
    }

    [Theory]
    [InlineData("1H", 3600.0)]
    [InlineData("2M", 120.0)]
    [InlineData("3S", 3.0)]
    [InlineData("250m", 0.25)]
    [InlineData("500u", 0.0005)]
    [InlineData("99999999H", 2147483.646)]
    [InlineData("5", null)]
    [InlineData("S", null)]
    [InlineData("-1S", null)]
    [InlineData("123456789S", null)]
    [InlineData("5x", null)]
    public void ParseTimeout_Text_IsItsTimeOrNone(string text, double? seconds) =>
        Assert.Equal(seconds, GrpcHeaders.ParseTimeout(text)?.TotalSeconds);

    [Fact]
    public void EncodeMessage_TextOutsideAscii_IsPercentEncodedUtf8() =>
        Assert.Equal("a %25 %C3%BC%0A", GrpcHeaders.EncodeMessage("a % \u00FC\n"));

    private static void AsGzip(HttpRequestMessage request) => request.Headers.Add("grpc-encoding", "gzip");

    private static byte[] Zip(byte[] message)
    {
        using var target = new MemoryStream();
        using (var zip = new GZipStream(target, CompressionMode.Compress)) zip.Write(message);
        return target.ToArray();
    }
}
