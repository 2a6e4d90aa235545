using System.Runtime.CompilerServices;
using Gyre.Server.Protection.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Server.Protection;

/// <summary>
/// The one table of what a route demands: the first rule whose method and prefix fit. A route that none fits demands
/// <c>admin</c>. Looked up once per endpoint. Thread-safe.
/// </summary>
internal sealed class RouteTable
{
    // Patterns as they are mapped; those below /api, such as MLflow's, without their root and version (of ours:
    // /api/gyre), which are taken off first.
    private static readonly Rule[] Rules =
    [
        new("*", "/health", IsOpen: true),
        new("*", "/ping", IsOpen: true),
        new("*", "/v2/health/", IsOpen: true),
        new("*", "/inference.GRPCInferenceService/ServerLive", IsOpen: true),
        new("*", "/inference.GRPCInferenceService/ServerReady", IsOpen: true),
        new("*", "/grpc.health.v1.Health/", IsOpen: true),
        new("GET", "/version", Scopes.None),
        new("GET", "/metrics", Scopes.Metrics),

        new("POST", "/v2/repository/index", Scopes.Predict),
        new("POST", "/v2/repository/", Scopes.ModelsAdmin, IsAudited: true),
        new("GET", "/v2", Scopes.Predict),
        new("POST", "/v2/models/", Scopes.Predict, IsPrediction: true),
        new("POST", "/inference.GRPCInferenceService/Repository", Scopes.ModelsAdmin, IsAudited: true),
        new("POST", "/inference.GRPCInferenceService/ModelInfer", Scopes.Predict, IsPrediction: true),
        new("POST", "/inference.GRPCInferenceService/", Scopes.Predict),
        new("POST", "/predict/", Scopes.Predict, IsPrediction: true),
        new("POST", "/v1/models/", Scopes.Predict, IsPrediction: true),
        new("POST", "/explain/", Scopes.Predict, IsPrediction: true),
        new("POST", "/invocations", Scopes.Predict, IsPrediction: true),
        new("POST", "/models/", Scopes.Predict, IsPrediction: true),
        new("POST", "/feedback/", Scopes.Feedback),
        new("GET", "traffic", Scopes.Predict),
        new("*", "traffic", Scopes.ModelsAdmin, IsAudited: true),
        new("GET", "alerts", Scopes.TrackingRead),
        new("*", "alerts", Scopes.ModelsAdmin, IsAudited: true),
        new("GET", "ledger", Scopes.TrackingRead),

        // MLflow: searches are POSTs that change nothing.
        new("POST", "mlflow/experiments/search", Scopes.TrackingRead),
        new("POST", "mlflow/runs/search", Scopes.TrackingRead),
        new("POST", "mlflow/logged-models/search", Scopes.TrackingRead),
        new("POST", "mlflow/registered-models/get-latest-versions", Scopes.TrackingRead),
        new("GET", "mlflow", Scopes.TrackingRead),
        new("HEAD", "mlflow", Scopes.TrackingRead),
        new("GET", "/get-artifact", Scopes.TrackingRead),
        new("HEAD", "/get-artifact", Scopes.TrackingRead),
        new("GET", "/model-versions/get-artifact", Scopes.TrackingRead),
        new("HEAD", "/model-versions/get-artifact", Scopes.TrackingRead),
        new("*", "mlflow/registered-models", Scopes.ModelsAdmin, IsAudited: true, NamesModelInBody: true),
        new("*", "mlflow/model-versions", Scopes.ModelsAdmin, IsAudited: true, NamesModelInBody: true),

        // What a training program logs, thousands of times a minute, is itself the record of who logged what.
        new("*", "mlflow/runs/delete-tag", Scopes.TrackingWrite),
        new("*", "mlflow/runs/delete", Scopes.TrackingWrite, IsAudited: true),
        new("*", "mlflow/runs/restore", Scopes.TrackingWrite, IsAudited: true),
        new("*", "mlflow/runs", Scopes.TrackingWrite),
        new("*", "mlflow-artifacts/mpu", Scopes.TrackingWrite),
        new("*", "mlflow", Scopes.TrackingWrite, IsAudited: true),
    ];

    private static readonly RouteAccess Nowhere = new();

    private static readonly (string Prefix, RouteAccess Access)[] Calls =
        [.. Rules.Where(rule => rule.Prefix.StartsWith("/inference.", StringComparison.Ordinal))
            .Select(rule => (rule.Prefix, rule.Access(rule.Prefix)))];

    private readonly ConditionalWeakTable<Endpoint, RouteAccess> _known = [];

    /// <summary>What the endpoint that a request was routed to demands.</summary>
    public RouteAccess Of(HttpContext context) => context.GetEndpoint() is { } endpoint ? Of(endpoint)
        : context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true
            ? OfCall(context.Request.Path.Value)
            : Nowhere;

    /// <summary>What an endpoint demands.</summary>
    public RouteAccess Of(Endpoint endpoint) =>
        _known.TryGetValue(endpoint, out var access) ? access : _known.GetValue(endpoint, Resolve);

    // gRPC's methods are found by their paths, without endpoints.
    private static RouteAccess OfCall(string? path)
    {
        foreach (var (prefix, access) in Calls)
        {
            if (path?.StartsWith(prefix, StringComparison.Ordinal) == true) return access;
        }

        return Nowhere;
    }

    private static RouteAccess Resolve(Endpoint endpoint)
    {
        // Routing's own answers, such as 405, are no routes.
        if (endpoint is not RouteEndpoint { RoutePattern.RawText: { } pattern }) return Nowhere;
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"];
        var route = pattern.StartsWith('/') ? pattern : "/" + pattern;
        return Find(methods.Count == 1 ? methods[0] : "*", route);
    }

    private static RouteAccess Find(string method, string route)
    {
        var path = WithoutRoot(route);
        foreach (var rule in Rules)
        {
            if (rule.Method != "*" && rule.Method != method) continue;
            if (!path.StartsWith(rule.Prefix, StringComparison.Ordinal)) continue;
            return rule.Access(route);
        }

        return new RouteAccess { Scopes = Scopes.Admin, IsAudited = true, Route = route, IsListed = false };
    }

    // "/ajax-api/2.0/mlflow/runs/get" is "mlflow/runs/get", "/api/gyre/traffic" is "traffic".
    private static string WithoutRoot(string route)
    {
        foreach (var root in (ReadOnlySpan<string>)["/api/", "/ajax-api/"])
        {
            if (!route.StartsWith(root, StringComparison.Ordinal)) continue;
            var version = route.IndexOf('/', root.Length);
            return version < 0 ? route : route[(version + 1)..];
        }

        return route;
    }

    private sealed record Rule(
        string Method, string Prefix, Scopes Scopes = Scopes.None, bool IsOpen = false, bool IsPrediction = false,
        bool IsAudited = false, bool NamesModelInBody = false)
    {
        public RouteAccess Access(string route) => new()
        {
            IsOpen = IsOpen, Scopes = Scopes, IsPrediction = IsPrediction, IsAudited = IsAudited, Route = route,
            NamesModelInBody = NamesModelInBody,
        };
    }
}
