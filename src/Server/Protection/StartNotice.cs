using Gyre.Server.Http;
using Gyre.Server.Protection.Keys;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Server.Protection;

/// <summary>
/// Says at start what an operator who listens beyond this machine has to know: that nobody from outside can get in yet,
/// or that everybody can.
/// </summary>
internal sealed class StartNotice(GyreHostOptions options, KeyRing ring, ILogger<StartNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var outside = string.Join(", ", ListenAddresses.BeyondThisMachine(
            ListenAddresses.Join(options.Urls, options.GrpcUrls)));
        if (outside.Length == 0) return Task.CompletedTask;
        if (options.Protection.Anonymous == AnonymousAccess.All) Log.EverybodyMayAsk(logger, outside);
        else if (ring.IsEmpty) Log.NobodyMayAsk(logger, outside);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
