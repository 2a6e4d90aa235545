using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Serving.Traffic;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Tracking.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Serving.Tests.Traffic;

/// <summary>A server with the model <c>m</c>, whose champion is version 1, on a clock that stands until it is moved.</summary>
internal sealed class TrafficFixture : IAsyncDisposable
{
    private const string Body = $$"""{"rows":[{{FakeScorer.Row}}]}""";

    private readonly ServingFixture _serving;
    private readonly ConcurrentDictionary<string, IScorer> _scorers = new();
    private int _keys;

    private TrafficFixture(ServingFixture serving, ManualTime time, ConcurrentQueue<TrafficEvent> events)
    {
        (_serving, Time, Events) = (serving, time, events);
        serving.Load = folder => _scorers.TryGetValue(Path.GetFileName(folder), out var scorer)
            ? scorer : throw new InvalidOperationException("there is no such package");
    }

    public ManualTime Time { get; }

    public ConcurrentQueue<TrafficEvent> Events { get; }

    public ServingFixture Serving => _serving;

    /// <summary>On a new database of a kind.</summary>
    public static Task<TrafficFixture> StartAsync(DatabaseKind kind, PostgresServer server) => StartAsync(
        store: Databases.Of(kind, server));

    public static async Task<TrafficFixture> StartAsync(
        Action<ServingOptions>? configure = null, StoreAddress? store = null, Action<TrafficEvent>? onEvent = null)
    {
        var time = new ManualTime();
        var events = new ConcurrentQueue<TrafficEvent>();
        var serving = await ServingFixture.StartAsync(
            options =>
            {
                options.TrafficInterval = TimeSpan.FromDays(1); // the tests look themselves
                configure?.Invoke(options);
            },
            services: services =>
            {
                services.AddSingleton<TimeProvider>(time);
                services.AddSingleton<TrafficEventSink>((_, happened) =>
                {
                    onEvent?.Invoke(happened);
                    events.Enqueue(happened);
                });
            },
            store: store);
        return new TrafficFixture(serving, time, events);
    }

    /// <summary>Registers the next version of the model.</summary>
    public async Task<int> RegisterAsync(IScorer? scorer = null)
    {
        var name = $"package-{Interlocked.Increment(ref _keys)}";
        var folder = Directory.CreateDirectory(_serving.File(name));
        if (scorer is not null) _scorers[name] = scorer;
        var registry = _serving.Service<ModelRegistry>();
        return (await registry.CreateVersionAsync("m", folder.FullName, runId: null)).Version;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_serving.Address, "/api/gyre/traffic" + path));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _serving.Client.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Sets a policy; returns when requests meet it.</summary>
    public async Task<JsonElement> SetAsync(string policy)
    {
        var (status, body) = await SendAsync(HttpMethod.Put, "/m", policy);
        Assert.True(status is HttpStatusCode.OK, body.ToString());
        await _serving.Service<TrafficFollower>().RefreshAsync(CancellationToken.None);
        return body;
    }

    public async Task<JsonElement> ShowAsync() => (await SendAsync(HttpMethod.Get, "/m")).Body;

    /// <summary>Has policies looked at once; returns when requests meet what follows.</summary>
    public async Task LookAsync()
    {
        await _serving.Service<Gyre.Serving.Recording.PredictionLog>().FlushAsync(CancellationToken.None);
        await _serving.Service<TrafficFollower>().RefreshAsync(CancellationToken.None); // as the service does before
        await _serving.Service<TrafficService>().LookAsync(CancellationToken.None);
        await _serving.Service<ChampionFollower>().RefreshAsync(CancellationToken.None);
    }

    /// <summary>Sends requests, each with a key of its own unless one is given.</summary>
    public async Task<List<Answer>> PredictAsync(int count, string? key = null)
    {
        var answers = new List<Answer>();
        for (var i = 0; i < count; i++)
        {
            var own = key ?? Interlocked.Increment(ref _keys).ToString(CultureInfo.InvariantCulture);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_serving.Address, "/predict/m"));
            request.Headers.Add("X-Gyre-Key", own);
            request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
            using var response = await _serving.Client.SendAsync(request);
            answers.Add(response.IsSuccessStatusCode
                ? AnswerOf(JsonElement.Parse(await response.Content.ReadAsStringAsync()))
                : new Answer(response.StatusCode, 0, ""));
        }

        return answers;
    }

    public async Task TellAsync(IEnumerable<Answer> answers, Func<int, string> actual)
    {
        var items = answers.Select((a, i) => $$"""{"predictionId":"{{a.Id}}","actual":{{actual(i)}}}""");
        var (status, body) = await _serving.PostAsync("/feedback/m", $"[{string.Join(',', items)}]");
        Assert.True(status is HttpStatusCode.OK, body.ToString());
    }

    private static Answer AnswerOf(JsonElement body) => new(HttpStatusCode.OK, body.GetProperty("version").GetInt32(),
        body.GetProperty("predictionId").GetString()!); // every answer has one

    public ValueTask DisposeAsync() => _serving.DisposeAsync();
}

/// <summary>An answer to a prediction; version 0 where there was none.</summary>
internal readonly record struct Answer(HttpStatusCode Status, int Version, string Id);

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2024, 2, 20, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>A scorer that does something before it predicts; not for the row of zeros that warms it up.</summary>
internal sealed class BehavingScorer(FakeScorer inner, Action act) : IScorer
{
    public Schema Inputs => inner.Inputs;

    public ClassLabels? Labels => inner.Labels;

    public ImmutableArray<OutputTensor> Outputs => inner.Outputs;

    public ModelOutputs Score(ModelInputs inputs)
    {
        if (((Column<double>)((TableInputs)inputs).Table["temp"]).Values[0] != 0) act();
        return inner.Score(inputs);
    }

    public void Dispose() => inner.Dispose();
}
