using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Serving.Tests.Grpc;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Server.Tests.OnnxFlavor;

/// <summary>
/// What `gyre up` serves, with every package registered as MLflow's Python client does it: files through the artifact
/// proxy, a version, the alias.
/// </summary>
public sealed class FlavorHost : IAsyncLifetime
{
    private const string Api = "/api/2.0/mlflow/";
    private const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    internal HttpClient Client => _client;

    internal GrpcClient? Grpc { get; private set; }

    internal Uri GrpcAddress => new(App.Urls.Last());

    internal IServiceProvider Services => App.Services;

    private WebApplication App => _app ?? throw new InvalidOperationException("The fixture has not started.");

    public async Task InitializeAsync()
    {
        _app = GyreHost.Build(new GyreHostOptions
        {
            Workspace = _folder.Path, Urls = "http://127.0.0.1:0", GrpcUrls = "http://127.0.0.1:0",
        });
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
        Grpc = new GrpcClient(new Uri(_app.Urls.Last()));
        foreach (var package in FlavorPackage.All.Values) await RegisterAsync(package.Name, package.Folder);
        foreach (var package in FlavorPackage.All.Values)
            await Eventually.HoldsAsync(() => IsReadyAsync(package.Name).Result);
    }

    public async Task DisposeAsync()
    {
        Grpc?.Dispose();
        _client.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>Logs a package's files to a run and makes it the champion of a model.</summary>
    internal async Task RegisterAsync(string model, string folder)
    {
        var run = await CallAsync(HttpMethod.Post, "runs/create", new { experiment_id = "0", start_time = 1 });
        var id = run.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString();
        var root = run.GetProperty("run").GetProperty("info").GetProperty("artifact_uri").GetString();
        foreach (var file in Directory.GetFiles(folder))
        {
            var path = $"{Proxy}/0/{id}/artifacts/model/{Path.GetFileName(file)}";
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file));
            (await _client.PutAsync(new Uri(path, UriKind.Relative), content)).EnsureSuccessStatusCode();
        }

        await CallAsync(HttpMethod.Post, "registered-models/create", new { name = model });
        var version = await CallAsync(
            HttpMethod.Post, "model-versions/create", new { name = model, source = root + "/model", run_id = id });
        Assert.Equal("1", version.GetProperty("model_version").GetProperty("version").GetString());
        var alias = new { name = model, alias = "champion", version = "1" };
        await CallAsync(HttpMethod.Post, "registered-models/alias", alias);
    }

    /// <summary>Posts a body; the answer, which must be one of success.</summary>
    internal async Task<JsonElement> PostAsync(string path, string body, string contentType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        using var answer = await _client.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path} {body}\n{text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(Api + path, UriKind.Relative));
        request.Content = JsonContent.Create(body);
        using var answer = await _client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<bool> IsReadyAsync(string model)
    {
        using var answer = await _client.GetAsync(new Uri($"/v2/models/{model}/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }
}
