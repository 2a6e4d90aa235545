using Gyre.Loop.Runs;
using Gyre.Loop.Watching;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gyre.Loop;

/// <summary>Adds the loop to a server: it watches served predictions and runs the pipeline when a trigger fires.</summary>
public static class LoopModule
{
    /// <summary>Registers the loop over the server's database and clock.</summary>
    /// <param name="services">The server's services, which hold <see cref="TrackingDatabase"/> and <see cref="TimeProvider"/>.</param>
    /// <param name="workspace">The workspace's folder.</param>
    public static IServiceCollection AddLoop(this IServiceCollection services, string workspace)
    {
        services.TryAddSingleton(provider => new Workspace(
            workspace, provider.GetRequiredService<TrackingDatabase>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ModelRegistry>()));
        services.TryAddSingleton<PipelineRunner>();
        services.TryAddSingleton<Watcher>();
        services.AddHostedService<LoopService>();
        return services;
    }
}
