using System.Net.Http.Headers;
using System.Text;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Server.Tests.Protection;

/// <summary>A real host whose keys the test makes.</summary>
internal sealed class GuardedHost : IAsyncDisposable
{
    private readonly HostFixture _host;

    private GuardedHost(HostFixture host) => _host = host;

    public HostFixture Fixture => _host;

    public ApiKeyStore Keys => _host.App.Services.GetRequiredService<ApiKeyStore>();

    public static async Task<GuardedHost> StartAsync(
        AnonymousAccess anonymous = AnonymousAccess.None, StoreAddress? store = null, TimeProvider? time = null,
        string urls = "http://127.0.0.1:0", Func<ProtectionOptions, ProtectionOptions>? with = null,
        string? grpcUrls = null)
    {
        var options = new ProtectionOptions { Anonymous = anonymous };
        return new GuardedHost(await HostFixture.StartAsync(
            protection: with?.Invoke(options) ?? options, store: store, time: time, urls: urls, grpcUrls: grpcUrls));
    }

    /// <summary>Makes a key that this server accepts already.</summary>
    public async Task<string> KeyAsync(
        Scopes scopes, string name = "test", Func<KeyRequest, KeyRequest>? with = null)
    {
        var request = new KeyRequest { Name = name, Scopes = scopes };
        var issued = await Keys.CreateAsync(with?.Invoke(request) ?? request, CancellationToken.None);
        Refresh();
        return issued.Text;
    }

    /// <summary>Does now what the server does every 250 ms.</summary>
    public void Refresh() => _host.App.Services.GetRequiredService<KeyFollower>().Refresh();

    public async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? key = null, Action<HttpRequestMessage>? with = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_host.Address, path));
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (method == "POST")
        {
            var body = path.StartsWith("/predict", StringComparison.Ordinal) ? $$"""{"rows":[{{BikePackage.Row}}]}""" : "{}";
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        with?.Invoke(request);
        return await _host.Client.SendAsync(request);
    }

    public async Task<int> StatusAsync(
        string method, string path, string? key = null, Action<HttpRequestMessage>? with = null)
    {
        using var answer = await SendAsync(method, path, key, with);
        return (int)answer.StatusCode;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
