using Gyre.Server;
using Microsoft.AspNetCore.Builder;

namespace Gyre.Cli.Commands;

/// <summary>A client of a server that runs elsewhere, or of one that this process started for the purpose.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private readonly WebApplication? _own;

    private ServerConnection(Uri address, WebApplication? own)
    {
        _own = own;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
    }

    /// <summary>The client; its base address is the server.</summary>
    public HttpClient Client { get; }

    /// <summary>A client of a running server.</summary>
    public static ServerConnection To(Uri address) => new(address, null);

    /// <summary>Starts a server of a workspace on a free loopback port; it serves and logs, and does not retrain.</summary>
    public static async Task<ServerConnection> StartAsync(
        string workspace, TimeProvider time, CancellationToken cancellationToken)
    {
        var server = GyreHost.Build(new GyreHostOptions { Workspace = workspace, Urls = "http://127.0.0.1:0", Time = time });
        await server.StartAsync(cancellationToken);
        return new ServerConnection(new Uri(server.Urls.First()), server);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_own is null) return;
        await _own.StopAsync();
        await _own.DisposeAsync();
    }
}
