using Gyre.Tracking.Rest;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking;

/// <summary>What the registry and the logged models consist of.</summary>
internal static class RegistryParts
{
    public static IServiceCollection AddRegistry(this IServiceCollection services) => services
        .AddSingleton<ModelRegistry>()
        .AddSingleton<ModelSources>()
        .AddSingleton<ModelCatalog>()
        .AddSingleton<VersionCatalog>()
        .AddSingleton<LoggedModelStore>()
        .AddSingleton<RegisteredModelEndpoints>()
        .AddSingleton<ModelVersionEndpoints>()
        .AddSingleton<LoggedModelEndpoints>()
        .AddSingleton<ModelSearchEndpoints>();

    public static void MapRegistry(this IServiceProvider services, RestRoutes routes)
    {
        services.GetRequiredService<RegisteredModelEndpoints>().Map(routes);
        services.GetRequiredService<ModelVersionEndpoints>().Map(routes);
        services.GetRequiredService<LoggedModelEndpoints>().Map(routes);
        services.GetRequiredService<ModelSearchEndpoints>().Map(routes);
    }
}
