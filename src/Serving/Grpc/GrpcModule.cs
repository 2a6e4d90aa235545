using Gyre.Serving.Grpc.Methods;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Serving.Grpc;

/// <summary>Composes the Open Inference Protocol over gRPC into a host.</summary>
public static class GrpcModule
{
    /// <summary>
    /// Sees to it that every gRPC call ends with a status, also one that other middleware refuses. Stands before it;
    /// <see cref="UseGrpcMethods"/> stands after it. Other requests pass.
    /// </summary>
    public static IApplicationBuilder UseGrpcAnswers(this IApplicationBuilder app)
    {
        var transport = app.ApplicationServices.GetRequiredService<GrpcTransport>();
        return app.Use(next => context => transport.AnswerAsync(context, next));
    }

    /// <summary>Answers gRPC calls. Needs an endpoint with HTTP/2.</summary>
    public static IApplicationBuilder UseGrpcMethods(this IApplicationBuilder app)
    {
        var transport = app.ApplicationServices.GetRequiredService<GrpcTransport>();
        return app.Use(next => context => transport.CallAsync(context, next));
    }

    internal static void AddGrpc(IServiceCollection services)
    {
        services.AddSingleton<IUnaryMethod, InferMethod>();
        services.AddSingleton(s => new GrpcTransport(
            s.GetServices<IUnaryMethod>().Concat(InferenceMethods.Create(
                s.GetRequiredService<ModelSlots>(), s.GetRequiredService<ChampionFollower>())),
            s.GetRequiredService<ServingOptions>(),
            s.GetRequiredService<Microsoft.Extensions.Logging.ILogger<GrpcTransport>>()));
    }
}
