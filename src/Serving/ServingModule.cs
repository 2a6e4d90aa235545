using Gyre.Serving.Engine;
using Gyre.Serving.Explanation;
using Gyre.Serving.Feedback;
using Gyre.Serving.Grpc;
using Gyre.Serving.Http;
using Gyre.Serving.Measurements;
using Gyre.Serving.Recording;
using Gyre.Serving.Slots;
using Gyre.Serving.Storage;
using Gyre.Serving.Traffic;
using Gyre.Tracking;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Serving;

/// <summary>Composes serving into a host.</summary>
public static class ServingModule
{
    /// <summary>
    /// Adds serving. The host provides <see cref="TrackingDatabase"/>, <see cref="ModelRegistry"/> and
    /// <see cref="TimeProvider"/>.
    /// </summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IServiceCollection AddServing(this IServiceCollection services, ServingOptions options)
    {
        options.Validate();
        services.TryAddSingleton(options);
        services.TryAddSingleton<InferenceMeasurements>();
        services.TryAddSingleton<ServingMetrics>();
        services.TryAddSingleton<PredictionObserver>();
        services.TryAddSingleton<ScorerLoader>(ScorerLoading.Load);
        services.TryAddSingleton(CreateDatabase);
        services.TryAddSingleton(s => new PredictionStore(s.GetRequiredService<ServingDatabase>().Tables));
        services.TryAddSingleton(s => new FeedbackStore(s.GetRequiredService<ServingDatabase>().Tables));
        services.TryAddSingleton(s => new RejectionStore(s.GetRequiredService<ServingDatabase>().Tables));
        services.TryAddSingleton(s => new LogKeyStore(s.GetRequiredService<ServingDatabase>().Tables));
        services.TryAddSingleton<PredictionLog>();
        services.TryAddSingleton<LogRetention>();
        services.TryAddSingleton<RejectionLog>();
        services.TryAddSingleton<PredictionRecorder>();
        services.TryAddSingleton<FeedbackIntake>();
        services.TryAddSingleton(CreateSlots);
        services.TryAddSingleton(s => new ChampionFollower(s.GetRequiredService<ModelRegistry>(),
            s.GetRequiredService<ModelSlots>(), options, s.GetRequiredService<ILogger<ChampionFollower>>()));
        services.AddTraffic();
        services.TryAddSingleton<PredictionEngine>();
        services.TryAddSingleton<PredictionPipeline>();
        services.TryAddSingleton<ExplanationEngine>();
        services.TryAddSingleton<ExplanationPipeline>();
        services.TryAddSingleton<FeedbackEndpoint>();
        services.TryAddSingleton<RepositoryEndpoints>();
        services.TryAddSingleton<StatisticsEndpoints>();
        services.TryAddSingleton(s => new InvocationsEndpoint(s.GetRequiredService<PredictionPipeline>(),
            s.GetRequiredService<ModelSlots>(), s.GetRequiredService<ChampionFollower>(), options));
        GrpcModule.AddGrpc(services);

        // Stopped in reverse, after the server: the follower first, then the logs, which drain.
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<PredictionLog>());
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<RejectionLog>());
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<LogRetention>());
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<ChampionFollower>());
        return services;
    }

    /// <summary>
    /// Maps <c>/v2…</c> (Open Inference Protocol, also over gRPC), <c>/predict/{model}</c>, <c>/explain/{model}</c> and
    /// its forms of other protocols, <c>/feedback/{model}</c> and <c>/api/gyre/traffic…</c>. Failures leave as <see cref="Primitives.GyreException"/>, for the host to answer.
    /// </summary>
    public static IEndpointRouteBuilder MapServing(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var pipeline = services.GetRequiredService<PredictionPipeline>();
        PredictEndpoint.Map(routes, pipeline);
        InferenceEndpoints.Map(routes, pipeline, services.GetRequiredService<ModelSlots>(),
            services.GetRequiredService<ChampionFollower>(), services.GetRequiredService<ServingOptions>());
        ExplainEndpoints.Map(routes, services.GetRequiredService<ExplanationPipeline>(),
            services.GetRequiredService<ServingOptions>());
        services.GetRequiredService<RepositoryEndpoints>().Map(routes);
        services.GetRequiredService<StatisticsEndpoints>().Map(routes);
        services.GetRequiredService<InvocationsEndpoint>().Map(routes);
        services.GetRequiredService<FeedbackEndpoint>().Map(routes);
        services.GetRequiredService<TrafficEndpoints>().Map(routes);
        GrpcModule.MapGrpc(routes);
        return routes;
    }

    /// <summary>
    /// Brings serving's tables up to date, for programs that read them without serving; blocks until committed.
    /// </summary>
    public static void Migrate(TrackingDatabase database) =>
        database.Migrate(ServingTables.Module, ServingTables.Migrations);

    private static ModelSlots CreateSlots(IServiceProvider services)
    {
        var registry = services.GetRequiredService<ModelRegistry>();
        var options = services.GetRequiredService<ServingOptions>();
        return new ModelSlots(
            new VersionLoader(services.GetRequiredService<ScorerLoader>(), options,
                services.GetRequiredService<ServingMetrics>()),
            version => registry.Get(version.Model, version.Version).Folder, options,
            services.GetRequiredService<ServingMetrics>(), services.GetRequiredService<ILogger<ModelSlots>>());
    }

    private static ServingDatabase CreateDatabase(IServiceProvider services) =>
        new(services.GetRequiredService<TrackingDatabase>());

    /// <summary>The database, once this module's tables are in it.</summary>
    private sealed class ServingDatabase
    {
        public ServingDatabase(TrackingDatabase tables)
        {
            Migrate(tables);
            Tables = tables;
        }

        public TrackingDatabase Tables { get; }
    }
}
