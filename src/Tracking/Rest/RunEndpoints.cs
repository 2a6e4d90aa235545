using Gyre.Tracking.Search;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/runs/*</c>: a run's life.</summary>
internal sealed class RunEndpoints(ClientRuns runs)
{
    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/runs/create", CreateAsync);
        routes.Get("2.0/mlflow/runs/get", GetAsync);
        routes.Post("2.0/mlflow/runs/update", UpdateAsync);
        routes.Post("2.0/mlflow/runs/delete", DeleteAsync);
        routes.Post("2.0/mlflow/runs/restore", RestoreAsync);
        routes.Post("2.0/mlflow/runs/search", SearchAsync);
    }

    /// <summary>A run's id, by its name or its old one.</summary>
    public static string IdOf(RequestFields fields) =>
        fields.Text("run_id") is { Length: > 0 } id ? id
            : fields.Text("run_uuid") is { Length: > 0 } old ? old
            : throw RequestFields.Missing("run_id");

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        var experiment = fields.Text("experiment_id") is { Length: > 0 } id ? ExperimentEndpoints.ParseId(id) : 0;
        var run = await runs.CreateAsync(
            new ClientRun(experiment, fields.Text("run_name"), fields.Text("user_id") ?? "", fields.Int64("start_time"),
                RestPairs.Read(fields, "tags")),
            context.RequestAborted);
        await SendAsync(context, run);
    }

    private Task GetAsync(HttpContext context, RequestFields fields) => SendAsync(context, runs.Get(IdOf(fields)));

    private async Task UpdateAsync(HttpContext context, RequestFields fields)
    {
        var run = await runs.UpdateAsync(
            IdOf(fields), fields.Enum("status", RestEnums.RunStatus), fields.Int64("end_time"), fields.Text("run_name"),
            context.RequestAborted);
        await RestAnswer.SendAsync(context, json =>
        {
            json.WriteStartObject("run_info");
            RunWriter.WriteRow(json, run);
            json.WriteEndObject();
        });
    }

    private async Task DeleteAsync(HttpContext context, RequestFields fields)
    {
        await runs.SetDeletedAsync(fields.RequiredText("run_id"), deleted: true, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task RestoreAsync(HttpContext context, RequestFields fields)
    {
        await runs.SetDeletedAsync(fields.RequiredText("run_id"), deleted: false, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private Task SearchAsync(HttpContext context, RequestFields fields)
    {
        var page = runs.Search(new RunSearchQuery
        {
            ExperimentIds = [.. fields.Texts("experiment_ids").Select(ExperimentEndpoints.ParseId)],
            Filter = fields.Text("filter"),
            ViewType = RestSearch.ViewTypeOf(fields, "run_view_type"),
            MaxResults = RestSearch.MaxResultsOf(fields, 1000),
            OrderBy = fields.Texts("order_by"),
            PageToken = fields.Text("page_token"),
        });
        return RestAnswer.SendListAsync(
            context, "runs", runs.Read(page.Items), RunWriter.Write,
            json => json.WriteOptional("next_page_token", page.NextPageToken));
    }

    private static Task SendAsync(HttpContext context, RunRecord run) => RestAnswer.SendAsync(context, json =>
    {
        json.WritePropertyName("run");
        RunWriter.Write(json, run);
    });
}
