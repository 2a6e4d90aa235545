using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>A real server with the tracking module alone, over a database in a folder of its own.</summary>
internal sealed class RestFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    private RestFixture(StoreAddress? store, Action<IServiceCollection>? replace) =>
        _app = Build(_folder.Path, store, replace);

    public HttpClient Client { get; private set; } = new();

    public TrackingDatabase Database => _app.Services.GetRequiredService<TrackingDatabase>();

    public IServiceProvider Services => _app.Services;

    public string Folder => _folder.Path;

    /// <summary>Starts the server, over a file of its own or another store, perhaps with other services.</summary>
    public static async Task<RestFixture> StartAsync(
        StoreAddress? store = null, Action<IServiceCollection>? replace = null)
    {
        var fixture = new RestFixture(store, replace);
        await fixture._app.StartAsync();
        fixture.Client = new HttpClient { BaseAddress = new Uri(fixture._app.Urls.Single()) };
        return fixture;
    }

    /// <summary>The server over a folder, on a free port; its database lies there unless another is named.</summary>
    public static WebApplication Build(
        string folder, StoreAddress? store = null, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(
            _ => TrackingDatabase.Open(store ?? StoreAddress.OfFile(Path.Combine(folder, "gyre.db"))));
        builder.Services.AddSingleton(new ArtifactStore(Path.Combine(folder, "artifacts")));
        builder.Services.AddTracking();
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.MapTracking();
        return app;
    }

    /// <summary>
    /// Sends a request; the path is as in the API tables (<c>2.0/mlflow/…</c>) or begins with a slash.
    /// </summary>
    public async Task<(HttpStatusCode Status, string Text)> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/{path}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType.Length > 0) request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var response = await Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>POSTs a body and expects 200.</summary>
    public async Task<JsonNode> PostAsync(string path, object body)
    {
        var (status, text) = await SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(body));
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {text}");
        return JsonNode.Parse(text)!; // an answer is an object
    }

    /// <summary>GETs a path and expects 200.</summary>
    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, text) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {text}");
        return JsonNode.Parse(text)!; // an answer is an object
    }

    /// <summary>Sends a request that is refused, and gives the answer's <c>error_code</c> and <c>message</c>.</summary>
    public async Task<(int Status, string Code, string Message)> RefusedAsync(
        HttpMethod method, string path, object? body = null)
    {
        var (status, text) = await SendAsync(
            method, path, body is null ? null : body as string ?? JsonSerializer.Serialize(body));
        Assert.NotEqual(HttpStatusCode.OK, status);
        var answer = JsonNode.Parse(text)!; // an error is an object
        return ((int)status, (string)answer["error_code"]!, (string)answer["message"]!); // every error has both
    }

    /// <summary>Makes a run in experiment 0 and gives its id.</summary>
    public async Task<string> CreateRunAsync(string name = "r") => (string)(
        await PostAsync("2.0/mlflow/runs/create", new { run_name = name, start_time = 1 }))["run"]!["info"]!["run_id"]!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
