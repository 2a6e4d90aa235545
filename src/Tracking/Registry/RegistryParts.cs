using Gyre.Tracking.Rest;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking;

/// <summary>What the registry, the logged models and the artifacts consist of.</summary>
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

    /// <summary>
    /// Artifacts; the host adds <see cref="ArtifactStore"/>, for a bucket its <see cref="ArtifactRoot"/>.
    /// </summary>
    public static IServiceCollection AddArtifacts(this IServiceCollection services) => services
        .AddSingleton<IArtifactRepository>(provider => provider.GetService<ArtifactRoot>() is { Bucket: not null } root
            ? OpenBucket(root)
            : new LocalArtifacts(
                provider.GetRequiredService<ArtifactStore>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ArtifactAddresses>()
        .AddSingleton<ArtifactProxyEndpoints>()
        .AddSingleton<MultipartEndpoints>()
        .AddSingleton<RunArtifactEndpoints>();

    public static void MapRegistry(this IServiceProvider services, RestRoutes routes)
    {
        services.GetRequiredService<RegisteredModelEndpoints>().Map(routes);
        services.GetRequiredService<ModelVersionEndpoints>().Map(routes);
        services.GetRequiredService<LoggedModelEndpoints>().Map(routes);
        services.GetRequiredService<ModelSearchEndpoints>().Map(routes);
    }

    public static void MapArtifacts(this IServiceProvider services, RestRoutes routes)
    {
        services.GetRequiredService<ArtifactProxyEndpoints>().Map(routes);
        services.GetRequiredService<MultipartEndpoints>().Map(routes);
        services.GetRequiredService<RunArtifactEndpoints>().Map(routes);
    }

    // Apart, so that Amazon's libraries are loaded only where they are used.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static IArtifactRepository OpenBucket(ArtifactRoot root) => S3Connection.Open(root);
}
