using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Loop;
using Gyre.Primitives;
using Gyre.Serving.Traffic;

namespace Gyre.Cli.Commands;

/// <summary>Where `gyre traffic` does what it is told: a workspace's database, or a server.</summary>
internal interface ITrafficTarget : IDisposable
{
    Task<JsonObject> ShowAsync(string model, CancellationToken cancellationToken);

    Task<JsonObject> SetAsync(string model, JsonObject policy, CancellationToken cancellationToken);

    Task<JsonObject> ActAsync(
        string model, string act, int? version, string reason, CancellationToken cancellationToken);
}

/// <summary>The database of a workspace; servers follow.</summary>
internal sealed class TrafficDatabase : ITrafficTarget
{
    private readonly Workspace _workspace;
    private TrafficDatabase(Workspace workspace) => _workspace = workspace;

    private TrafficControl Traffic => _workspace.Traffic;

    private static string By => $"{Environment.UserName} with gyre traffic";

    public static TrafficDatabase Open(string folder) => new(Workspace.OpenExisting(folder, TimeProvider.System));

    public Task<JsonObject> ShowAsync(string model, CancellationToken cancellationToken) =>
        Task.FromResult(Traffic.Show(model));

    public Task<JsonObject> SetAsync(string model, JsonObject policy, CancellationToken cancellationToken) =>
        Traffic.SetAsync(model, JsonElement.Parse(policy.ToJsonString()), By, cancellationToken);

    public Task<JsonObject> ActAsync(
        string model, string act, int? version, string reason, CancellationToken cancellationToken) => act switch
    {
        "pause" => Traffic.PauseAsync(model, By, cancellationToken),
        "resume" => Traffic.ResumeAsync(model, By, cancellationToken),
        "promote" => Traffic.PromoteAsync(model, version, By, reason, cancellationToken),
        _ => Traffic.RollBackAsync(model, By, reason, cancellationToken),
    };

    public void Dispose() => _workspace.Dispose();
}

/// <summary>A server's `/api/gyre/traffic`. A key is taken from GYRE_API_KEY.</summary>
internal sealed class TrafficServer : ITrafficTarget
{
    private readonly HttpClient _client;
    private readonly Uri _address;

    public TrafficServer(Uri address)
    {
        _address = new Uri(address.AbsoluteUri.TrimEnd('/') + "/api/gyre/traffic/");
        _client = new HttpClient();
        if (Environment.GetEnvironmentVariable("GYRE_API_KEY") is { Length: > 0 } key)
            _client.DefaultRequestHeaders.Add("X-API-Key", key);
    }

    public Task<JsonObject> ShowAsync(string model, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, model, null, cancellationToken);

    public Task<JsonObject> SetAsync(string model, JsonObject policy, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, model, policy, cancellationToken);

    public Task<JsonObject> ActAsync(
        string model, string act, int? version, string reason, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["reason"] = reason };
        if (version is { } chosen) body["version"] = chosen;
        return SendAsync(HttpMethod.Post, $"{model}/{act}", body, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    private async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address, path));
        if (body is not null) request.Content = JsonContent.Create(body);
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var answer = Parse(text);
            if (response.IsSuccessStatusCode && answer is not null) return answer;
            throw new GyreException(
                (int)response.StatusCode < 500 ? ErrorCode.InvalidInput : ErrorCode.Unavailable,
                answer?["detail"]?.ToString() ?? $"{_address} answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            throw new GyreException(
                ErrorCode.Unavailable, $"no server answers at {_address}: {failure.Message}", failure);
        }
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
