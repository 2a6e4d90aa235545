namespace Gyre.Tracking.Rest;

/// <summary>What a client asks of the server itself, and the areas that this server does not have.</summary>
internal sealed class ServerEndpoints
{
    private static readonly (string Method, string Path)[] Absent =
    [
        ("PATCH", "2.0/mlflow/traces/{id}/tags"), ("DELETE", "2.0/mlflow/traces/{id}/tags"),
        ("PATCH", "3.0/mlflow/traces/{id}/tags"), ("DELETE", "3.0/mlflow/traces/{id}/tags"),
        ("POST", "2.0/mlflow/traces"), ("GET", "2.0/mlflow/traces"), ("PATCH", "2.0/mlflow/traces/{id}"),
        ("GET", "2.0/mlflow/traces/{id}/info"), ("POST", "3.0/mlflow/traces"), ("GET", "3.0/mlflow/traces/{id}"),
        ("GET", "3.0/mlflow/traces/get"), ("GET", "3.0/mlflow/traces/batchGet"),
        ("POST", "3.0/mlflow/traces/batchGetInfos"), ("POST", "3.0/mlflow/traces/search"),
        ("POST", "2.0/mlflow/traces/link-to-run"), ("POST", "2.0/mlflow/traces/link-prompts"),
        ("POST", "2.0/mlflow/traces/delete-traces"), ("POST", "3.0/mlflow/traces/delete-traces"),
        ("POST", "3.0/mlflow/traces/calculate-filter-correlation"), ("POST", "3.0/mlflow/traces/metrics"),
        ("POST", "3.0/mlflow/traces/{id}/assessments"), ("GET", "3.0/mlflow/traces/{id}/assessments/{assessment}"),
        ("PATCH", "3.0/mlflow/traces/{id}/assessments/{assessment}"),
        ("DELETE", "3.0/mlflow/traces/{id}/assessments/{assessment}"),
        ("POST", "2.0/mlflow/webhooks"), ("GET", "2.0/mlflow/webhooks"), ("GET", "2.0/mlflow/webhooks/{id}"),
        ("PATCH", "2.0/mlflow/webhooks/{id}"), ("DELETE", "2.0/mlflow/webhooks/{id}"),
        ("POST", "2.0/mlflow/webhooks/{id}/test"),
        ("GET", "3.0/mlflow/workspaces"), ("POST", "3.0/mlflow/workspaces"), ("GET", "3.0/mlflow/workspaces/{name}"),
        ("PATCH", "3.0/mlflow/workspaces/{name}"), ("DELETE", "3.0/mlflow/workspaces/{name}"),
        ("POST", "3.0/mlflow/datasets/create"), ("POST", "3.0/mlflow/datasets/search"),
        ("GET", "3.0/mlflow/datasets/search"), ("GET", "3.0/mlflow/datasets/{id}"),
        ("DELETE", "3.0/mlflow/datasets/{id}"), ("PATCH", "3.0/mlflow/datasets/{id}/tags"),
        ("DELETE", "3.0/mlflow/datasets/{id}/tags/{key}"), ("POST", "3.0/mlflow/datasets/{id}/records"),
        ("GET", "3.0/mlflow/datasets/{id}/records"), ("DELETE", "3.0/mlflow/datasets/{id}/records"),
        ("GET", "3.0/mlflow/datasets/{id}/experiment-ids"), ("POST", "3.0/mlflow/datasets/{id}/add-experiments"),
        ("POST", "3.0/mlflow/datasets/{id}/remove-experiments"),
        ("POST", "3.0/mlflow/issues"), ("POST", "3.0/mlflow/issues/search"), ("GET", "3.0/mlflow/issues/{id}"),
        ("PATCH", "3.0/mlflow/issues/{id}"),
        ("POST", "3.0/mlflow/scorers/register"), ("GET", "3.0/mlflow/scorers/list"),
        ("GET", "3.0/mlflow/scorers/versions"), ("GET", "3.0/mlflow/scorers/get"),
        ("DELETE", "3.0/mlflow/scorers/delete"),
        ("POST", "3.0/mlflow/prompt-optimization/jobs"), ("POST", "3.0/mlflow/prompt-optimization/jobs/search"),
        ("GET", "3.0/mlflow/prompt-optimization/jobs/search"), ("GET", "3.0/mlflow/prompt-optimization/jobs/{id}"),
        ("POST", "3.0/mlflow/prompt-optimization/jobs/{id}/cancel"),
        ("DELETE", "3.0/mlflow/prompt-optimization/jobs/{id}"),
    ];

    public void Map(RestRoutes routes)
    {
        routes.Get("3.0/mlflow/server-info", static (context, _) => RestAnswer.SendAsync(context, json =>
        {
            json.WriteString("store_type", "SqlStore");
            json.WriteBoolean("workspaces_enabled", false);
        }));
        foreach (var (method, path) in Absent)
        {
            routes.Raw(method, path, static context => RestErrors.WriteAsync(
                context, RestErrors.NotImplemented, $"{context.Request.Path} is not implemented by this server."));
        }
    }
}
