using System.Net;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests;

public sealed class GyreHostTests
{
    [Fact]
    public async Task Start_Workspace_AnswersHealthAndReadiness()
    {
        await using var host = await HostFixture.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/v2/health/ready")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/v2/models/bike/ready")).Status);
    }

    [Theory]
    [InlineData(null, "text/html", "OK")] // MLflow's own answer
    [InlineData("*/*", "text/html", "OK")]
    [InlineData("text/html,application/json;q=0.9", "application/json", "{\"status\":\"ok\",\"version\":")]
    [InlineData("application/json", "application/json", "{\"status\":\"ok\",\"version\":")]
    public async Task Health_AnswersInTheFormThatIsAskedFor(string? accept, string contentType, string begin)
    {
        await using var host = await HostFixture.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/health"));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(begin, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("https://127.0.0.1:5000")]
    [InlineData("http://127.0.0.1:0;ftp://x")]
    public void Build_AddressThatCannotBeListenedOn_IsRefusedByName(string urls)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<GyreException>(
            () => GyreHost.Build(new GyreHostOptions { Workspace = folder.Path, Urls = urls }));
        Assert.Contains(urls.Split(';')[^1], error.Message);
    }

    [Fact]
    public async Task Start_WithGrpcAddress_SpeaksHttp2ThereAndHttp1Elsewhere()
    {
        using var folder = new TemporaryFolder();
        await using var app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = folder.Path, Urls = "http://127.0.0.1:0", GrpcUrls = "http://127.0.0.1:0",
        });
        await app.StartAsync();
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(new Uri(app.Urls.First()), "/health"))).StatusCode);
        using var call = new HttpRequestMessage(
            HttpMethod.Post, new Uri(new Uri(app.Urls.Last()), "/inference.GRPCInferenceService/ServerLive"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]),
        };
        call.Content.Headers.ContentType = new("application/grpc");
        using var answer = await client.SendAsync(call);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Predict_ThenFeedback_IsStoredWithTheVersion()
    {
        await using var host = await HostFixture.StartAsync();
        var (status, _, answer) = await host.PredictAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        var id = answer.GetProperty("predictionId").GetString();
        var (_, _, feedback) = await host.SendAsync(
            HttpMethod.Post, "/feedback/bike", $$"""[{"predictionId":"{{id}}","actual":321}]""");
        Assert.Equal(1, feedback.GetProperty("accepted").GetInt32());

        using var connection = host.App.Services.GetRequiredService<TrackingDatabase>().OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT p.version, p.inputs, f.actual FROM gyre_predictions p JOIN gyre_feedback f USING (prediction_id)";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(1, reader.GetInt32(0));
        Assert.Equal(BikePackage.Row, reader.GetString(1));
        Assert.Equal("321", reader.GetString(2));
    }

    [Fact]
    public async Task Promote_ThenRollback_ServesBitIdenticalPredictions()
    {
        await using var host = await HostFixture.StartAsync();
        var registry = host.App.Services.GetRequiredService<ModelRegistry>();
        var follower = host.App.Services.GetRequiredService<ChampionFollower>();
        var before = await PredictionAsync();
        await registry.SetAliasAsync("bike", ModelAliases.Champion, 2);
        await follower.RefreshAsync(CancellationToken.None);
        var between = await PredictionAsync();
        await registry.RollbackAsync("bike", ModelAliases.Champion);
        await follower.RefreshAsync(CancellationToken.None);

        Assert.NotEqual(before, between);
        Assert.Equal(before, await PredictionAsync());

        async Task<string> PredictionAsync() => (await host.PredictAsync()).Body.GetProperty("predictions")[0].GetRawText();
    }

    [Fact]
    public async Task SetAlias_OverMlflowsApi_IsServedWithoutAsking()
    {
        await using var host = await HostFixture.StartAsync();
        var before = await PredictionAsync();
        var (status, _, _) = await host.SendAsync(HttpMethod.Post, "/api/2.0/mlflow/registered-models/alias",
            """{"name":"bike","alias":"champion","version":"2"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await PredictionAsync() == before) await Task.Delay(20, limit.Token);
        Assert.Equal([(null, 1), (1, 2)], host.App.Services.GetRequiredService<ModelRegistry>()
            .AliasHistory("bike", ModelAliases.Champion).Select(change => (change.FromVersion, change.ToVersion)));

        async Task<string> PredictionAsync() => (await host.PredictAsync()).Body.GetProperty("predictions")[0].GetRawText();
    }

    [Fact]
    public async Task Stop_RequestsUnderWay_FinishAndAreLogged()
    {
        await using var host = await HostFixture.StartAsync();
        var requests = Enumerable.Range(0, 50).Select(_ => host.PredictAsync()).ToArray();
        await Task.WhenAny(requests);
        await host.App.StopAsync();
        var answered = 0;
        foreach (var request in requests)
        {
            try
            {
                answered += (await request).Status == HttpStatusCode.OK ? 1 : 0;
            }
            catch (HttpRequestException)
            {
                // A request whose connection came after the stop was never taken.
            }
        }

        using var connection = host.App.Services.GetRequiredService<TrackingDatabase>().OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM gyre_predictions";
        Assert.True(answered > 0);
        Assert.Equal((long)answered, command.ExecuteScalar());
    }
}
