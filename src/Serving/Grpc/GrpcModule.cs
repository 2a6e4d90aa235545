using Gyre.Serving.Grpc.Methods;
using Gyre.Serving.Grpc.Transport;
using Gyre.Serving.Slots;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gyre.Serving.Grpc;

/// <summary>Composes the Open Inference Protocol over gRPC into a host.</summary>
public static class GrpcModule
{
    /// <summary>
    /// Sees to it that every gRPC call ends with a status, also one that other middleware refuses; stands before it.
    /// Other requests pass.
    /// </summary>
    public static IApplicationBuilder UseGrpcAnswers(this IApplicationBuilder app)
    {
        var transport = app.ApplicationServices.GetRequiredService<GrpcTransport>();
        return app.Use(next => context => transport.AnswerAsync(context, next));
    }

    /// <summary>Makes the response that of a call which is refused before it reaches its method.</summary>
    /// <param name="context">The call; its response has not started.</param>
    /// <param name="status">The status that a request over HTTP would get.</param>
    /// <param name="text">What the client reads about it.</param>
    public static void Refuse(HttpContext context, int status, string text)
    {
        ArgumentNullException.ThrowIfNull(context);
        GrpcHeaders.Refuse(context.Response, GrpcStatuses.OfHttp(status), text);
    }

    internal static void AddGrpc(IServiceCollection services)
    {
        services.TryAddSingleton<GrpcTransport>();
        services.AddSingleton<IUnaryMethod, InferMethod>();
    }

    internal static void MapGrpc(IEndpointRouteBuilder routes)
    {
        var transport = routes.ServiceProvider.GetRequiredService<GrpcTransport>();
        var described = InferenceMethods.Create(routes.ServiceProvider.GetRequiredService<ModelSlots>(),
            routes.ServiceProvider.GetRequiredService<ChampionFollower>());
        foreach (var method in routes.ServiceProvider.GetServices<IUnaryMethod>().Concat(described))
            routes.MapPost(method.Path, (HttpContext context) => transport.CallAsync(context, method));
    }
}
