using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Server.Protection.Keys;

namespace Gyre.Server.Tests.Protection;

/// <summary>Keys that are for certain models, on every protocol: what counts is the model that is addressed.</summary>
public sealed class ModelAccessTests
{
    private const string Csv = "hr,temp,hum,windspeed,workingday,season\n8,0.3,0.6,0.1,1,1\n";

    [Theory]
    [InlineData("/predict/bike", false)]
    [InlineData("/explain/bike", false)]
    [InlineData("/v2/models/bike/infer", false)]
    [InlineData("/v2/models/bike/versions/1/infer", false)]
    [InlineData("/v2/models/bike/explain", false)]
    [InlineData("/v1/models/bike:explain", false)]
    [InlineData("/models/bike/invocations", true)]
    [InlineData("/invocations", true)]
    [InlineData("/invocations?model=bike", true)]
    [InlineData("/feedback/bike", false)]
    public async Task Post_KeyForTheModelPassesAndAnotherIsRefused(string path, bool isMlflow)
    {
        await using var host = await GuardedHost.StartAsync();
        var (own, other) = await KeysAsync(host, Scopes.Predict | Scopes.Feedback);
        using var answer = await host.SendAsync("POST", path, own, isMlflow ? AsCsv : null);
        Assert.NotEqual(403, (int)answer.StatusCode);
        if (isMlflow) Assert.Equal(200, (int)answer.StatusCode);

        using var refused = await host.SendAsync("POST", path, other, isMlflow ? AsCsv : null);
        Assert.Equal(403, (int)refused.StatusCode);
        var text = await refused.Content.ReadAsStringAsync();
        Assert.Contains("'other' is not for the model 'bike'", text, StringComparison.Ordinal);
        if (isMlflow) Assert.Equal("PERMISSION_DENIED", JsonElement.Parse(text).GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task Invocations_ModelInTheHeader_Counts()
    {
        await using var host = await GuardedHost.StartAsync();
        var (own, _) = await KeysAsync(host, Scopes.Predict);
        Assert.Equal(200, await host.StatusAsync("POST", "/invocations", own, With("bike")));
        Assert.Equal(403, await host.StatusAsync("POST", "/invocations", own, With("boat"))); // not 404: it tells nothing

        Action<HttpRequestMessage> With(string model) => request =>
        {
            AsCsv(request);
            request.Headers.Add("X-Amzn-SageMaker-Target-Model", model);
        };
    }

    [Theory]
    [InlineData("GET", "/v2/models/bike", Scopes.Predict)]
    [InlineData("GET", "/v2/models/bike/ready", Scopes.Predict)]
    [InlineData("GET", "/api/gyre/traffic/bike", Scopes.Predict)]
    [InlineData("DELETE", "/api/gyre/traffic/bike", Scopes.ModelsAdmin)]
    [InlineData("POST", "/api/gyre/traffic/bike/pause", Scopes.ModelsAdmin)]
    public async Task Route_ThatNamesAModel_IsForItsKeys(string method, string path, Scopes scope)
    {
        await using var host = await GuardedHost.StartAsync();
        var (own, other) = await KeysAsync(host, scope);
        Assert.NotEqual(403, await host.StatusAsync(method, path, own));
        Assert.Equal(403, await host.StatusAsync(method, path, other));
    }

    [Theory]
    [InlineData("POST", "alias", """{"name":"bike","alias":"a","version":"1"}""", 200)]
    [InlineData("POST", "alias", """{"name":"boat","alias":"a","version":"1"}""", 403)]
    [InlineData("POST", "alias", """{"alias":"a","version":"1"}""", 403)]
    [InlineData("POST", "alias", """{"name":"boat","name":"bike","alias":"a","version":"1"}""", 403)]
    [InlineData("POST", "alias", "\"{\\\"name\\\":\\\"boat\\\",\\\"alias\\\":\\\"a\\\",\\\"version\\\":\\\"1\\\"}\"", 403)]
    [InlineData("POST", "alias?name=bike", """{"name":"boat","alias":"a","version":"1"}""", 403)]
    [InlineData("POST", "rename", """{"name":"bike","new_name":"boat"}""", 403)]
    [InlineData("PATCH", "update", """{"name":"bike","description":"x"}""", 200)]
    public async Task Registry_ModelInTheBody_Counts(string method, string path, string body, int status)
    {
        await using var host = await GuardedHost.StartAsync();
        var (own, _) = await KeysAsync(host, Scopes.ModelsAdmin);
        Assert.Equal(status, await host.StatusAsync(method, $"/api/2.0/mlflow/registered-models/{path}", own,
            request => request.Content = new StringContent(body, Encoding.UTF8, "application/json")));
    }

    [PythonTheory("grpc")]
    [InlineData("ModelInfer", "bike", "own", "INVALID_ARGUMENT")] // it came as far as its inputs, of which there are none
    [InlineData("ModelInfer", "bike", "other", "PERMISSION_DENIED")]
    [InlineData("ModelInfer", "boat", "own", "PERMISSION_DENIED")]
    [InlineData("ModelMetadata", "bike", "own", "OK")]
    [InlineData("ModelMetadata", "bike", "other", "PERMISSION_DENIED")]
    [InlineData("ModelReady", "boat", "own", "PERMISSION_DENIED")]
    public async Task Grpc_ModelInTheMessage_Counts(string method, string model, string key, string status)
    {
        await using var host = await GuardedHost.StartAsync(grpcUrls: "http://127.0.0.1:0");
        var keys = await KeysAsync(host, Scopes.Predict);
        using var folder = new TemporaryFolder();
        // Field 1 of each of these messages is the model's name.
        await File.WriteAllTextAsync(folder.File("call.py"), """
            import sys, grpc
            address, method, model, key = sys.argv[1:]
            name = model.encode()
            with grpc.insecure_channel(address) as channel:
                call = channel.unary_unary("/inference.GRPCInferenceService/" + method)
                try:
                    call(b"\x0a" + bytes([len(name)]) + name, metadata=[("authorization", "Bearer " + key)], timeout=20)
                    print("OK")
                except grpc.RpcError as error:
                    print(error.code().name, error.details())
            """);
        var (exitCode, output) = Python.Run(folder.File("call.py"), host.Fixture.GrpcAddress.Authority, method, model,
            key == "own" ? keys.Own : keys.Other);
        Assert.True(exitCode == 0, output);
        Assert.StartsWith(status, output, StringComparison.Ordinal);
    }

    private static async Task<(string Own, string Other)> KeysAsync(GuardedHost host, Scopes scopes) => (
        await host.KeyAsync(scopes, "own", request => request with { Models = ["another", "bike"] }),
        await host.KeyAsync(scopes, "other", request => request with { Models = ["another"] }));

    private static void AsCsv(HttpRequestMessage request) => request.Content = new StringContent(Csv, Encoding.UTF8, "text/csv");
}
