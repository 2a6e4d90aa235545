using System.Net;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Server.Metrics;
using Gyre.Server.Protection;
using Gyre.Serving;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests;

/// <summary>The real host with a real model, on a free port.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private HostFixture(TemporaryFolder folder, WebApplication app) => (_folder, App) = (folder, app);

    public WebApplication App { get; }

    public HttpClient Client { get; } = new();

    public Uri Address => new(App.Urls.First());

    /// <summary>Where gRPC is answered, if it is.</summary>
    public Uri GrpcAddress => new(App.Urls.Last());

    public static async Task<HostFixture> StartAsync(
        ServingOptions? serving = null, ProtectionOptions? protection = null, StoreAddress? store = null,
        TimeProvider? time = null, string urls = "http://127.0.0.1:0",
        MetricNames names = MetricNames.Gyre, string? otlp = null, string? grpcUrls = null)
    {
        var folder = new TemporaryFolder();
        await BikePackage.RegisterAsync(folder.Path, store);
        var app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = folder.Path,
            Urls = urls,
            GrpcUrls = grpcUrls,
            Store = store,
            Time = time ?? TimeProvider.System,
            Protection = protection ?? new ProtectionOptions(),
            Serving = serving ?? new ServingOptions(),
            MetricNames = names,
            Otlp = otlp,
        });
        await app.StartAsync();
        var fixture = new HostFixture(folder, app);
        await app.Services.GetRequiredService<Gyre.Serving.Slots.ChampionFollower>().RefreshAsync(CancellationToken.None);
        return fixture;
    }

    public Task<string> GetAsync(string path) => Client.GetStringAsync(new Uri(Address, path));

    public async Task<(HttpStatusCode Status, string? ContentType, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.NotNull(response.Content.Headers.ContentLength); // chunked answers are several times as slow
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType,
            JsonDocument.Parse(text.Length > 0 ? text : "null").RootElement);
    }

    public Task<(HttpStatusCode Status, string? ContentType, JsonElement Body)> PredictAsync(string row = BikePackage.Row) =>
        SendAsync(HttpMethod.Post, "/predict/bike", $$"""{"rows":[{{row}}]}""");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        _folder.Dispose();
    }
}
