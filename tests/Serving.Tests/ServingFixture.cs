using System.Net;
using System.Text;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Primitives;
using Gyre.Serving.Grpc;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Serving.Tests;

/// <summary>Serving on a real Kestrel and a real database in a folder of its own; the scorers are the test's.</summary>
internal sealed class ServingFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly WebApplication _app;

    private ServingFixture(TemporaryFolder folder, WebApplication app, Func<string, IScorer> load) =>
        (_folder, _app, Load) = (folder, app, load);

    public HttpClient Client { get; } = new();

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where HTTP/2 is spoken without TLS.</summary>
    public Uri GrpcAddress { get; private set; } = new("http://127.0.0.1");

    public Func<string, IScorer> Load { get; set; }

    public TrackingDatabase Database => Service<TrackingDatabase>();

    public ModelSlots Slots => Service<ModelSlots>();

    public static async Task<ServingFixture> StartAsync(
        Action<ServingOptions>? configure = null, IScorer? model = null, Action<IServiceCollection>? services = null,
        StoreAddress? store = null, string name = "m")
    {
        var options = new ServingOptions();
        configure?.Invoke(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore().AddMetrics().AddLogging();
        builder.Services.AddSingleton(TimeProvider.System);
        services?.Invoke(builder.Services);
        ServingFixture? fixture = null;
        builder.Services.AddSingleton<ScorerLoader>(folder => fixture!.Load(folder)); // set before the host starts
        var folder = new TemporaryFolder();
        builder.Services.AddSingleton(
            _ => TrackingDatabase.Open(store ?? StoreAddress.OfFile(folder.File("gyre.db"))));
        builder.Services.AddSingleton(new ArtifactStore(folder.File("artifacts")));
        builder.Services.AddSingleton<ModelRegistry>();
        builder.Services.AddServing(options);
        var app = builder.Build();
        app.Use(AnswerErrorsAsync);
        app.UseGrpcAnswers();
        app.UseRouting();
        app.MapServing();
        fixture = new ServingFixture(folder, app, _ => model ?? new FakeScorer());
        await app.StartAsync();
        (fixture.Address, fixture.GrpcAddress) = (new Uri(app.Urls.First()), new Uri(app.Urls.Last()));
        await fixture.PromoteAsync(name);
        return fixture;
    }

    /// <summary>A path in the fixture's folder.</summary>
    public string File(string name) => _folder.File(name);

    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Registers a version of a model and makes it the champion; returns when it is served.</summary>
    public async Task PromoteAsync(string model = "m")
    {
        var registry = Service<ModelRegistry>();
        var package = Directory.CreateDirectory(_folder.File("package"));
        var version = await registry.CreateVersionAsync(model, package.FullName, runId: null);
        await registry.SetAliasAsync(model, ModelAliases.Champion, version.Version);
        await Service<ChampionFollower>().RefreshAsync(CancellationToken.None);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await PostAsync(path, content);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, HttpContent content)
    {
        using var response = await Client.PostAsync(new Uri(Address, path), content);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonDocument.Parse(text.Length > 0 ? text : "null").RootElement);
    }

    public Task StopAsync() => _app.StopAsync();

    public long Count(string sql)
    {
        using var connection = Database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!; // a count is never NULL
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    // The host's own mapping is tested with the host; here its statuses are enough.
    private static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (GyreException ex)
        {
            context.Response.StatusCode = ex.Code switch
            {
                ErrorCode.InvalidInput => 400,
                ErrorCode.NotFound => 404,
                ErrorCode.Conflict => 409,
                _ => 503,
            };
            await context.Response.WriteAsJsonAsync(new { error = ex.Message });
        }
    }
}
