using Gyre.Tracking.Search;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/runs/*</c>: what is logged to a run.</summary>
internal sealed class RunLogEndpoints(ClientRuns runs)
{
    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/runs/log-metric", LogMetricAsync);
        routes.Post("2.0/mlflow/runs/log-parameter", LogParameterAsync);
        routes.Post("2.0/mlflow/runs/set-tag", SetTagAsync);
        routes.Post("2.0/mlflow/runs/delete-tag", DeleteTagAsync);
        routes.Post("2.0/mlflow/runs/log-batch", LogBatchAsync);
        routes.Post("2.0/mlflow/runs/log-model", LogModelAsync);
        routes.Post("2.0/mlflow/runs/log-inputs", LogInputsAsync);
        routes.Post("2.0/mlflow/runs/outputs", LogOutputsAsync);
    }

    private async Task LogMetricAsync(HttpContext context, RequestFields fields)
    {
        await runs.LogMetricAsync(RunEndpoints.IdOf(fields), ReadPoint(fields), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task LogParameterAsync(HttpContext context, RequestFields fields)
    {
        await runs.LogAsync(
            RunEndpoints.IdOf(fields), new ClientBatch([], [ReadPair(fields)], []), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task SetTagAsync(HttpContext context, RequestFields fields)
    {
        await runs.LogAsync(
            RunEndpoints.IdOf(fields), new ClientBatch([], [], [ReadPair(fields)]), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteTagAsync(HttpContext context, RequestFields fields)
    {
        await runs.DeleteTagAsync(fields.RequiredText("run_id"), fields.RequiredText("key"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task LogBatchAsync(HttpContext context, RequestFields fields)
    {
        var id = fields.RequiredText("run_id");
        var items = fields.Objects("metrics");
        var metrics = new List<MetricPoint>(items.Count);
        foreach (var item in items) metrics.Add(ReadPoint(item));
        var batch = new ClientBatch(metrics, RestPairs.Read(fields, "params"), RestPairs.Read(fields, "tags"));
        await runs.LogAsync(id, batch, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task LogModelAsync(HttpContext context, RequestFields fields)
    {
        await runs.LogModelAsync(
            fields.RequiredText("run_id"), fields.RequiredText("model_json"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task LogInputsAsync(HttpContext context, RequestFields fields)
    {
        var id = fields.RequiredText("run_id");
        var datasets = fields.Objects("datasets").Select(ReadUse).ToList();
        var models = fields.Objects("models").Select(model => model.RequiredText("model_id")).ToList();
        await runs.LogInputsAsync(id, datasets, models, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task LogOutputsAsync(HttpContext context, RequestFields fields)
    {
        var id = fields.RequiredText("run_id");
        var models = fields.Objects("models")
            .Select(model => (model.RequiredText("model_id"), model.RequiredInt64("step"))).ToList();
        await runs.LogOutputsAsync(id, models, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private static MetricPoint ReadPoint(RequestFields fields) => new(
        fields.RequiredText("key"), fields.RequiredDouble("value"), fields.RequiredInt64("timestamp"),
        fields.Int64("step") ?? 0, ReadModel(fields));

    private static MeasuredModel? ReadModel(RequestFields fields) => fields.Text("model_id") is { Length: > 0 } model
        ? new MeasuredModel(model, fields.Text("dataset_name"), fields.Text("dataset_digest"))
        : null;

    private static KeyValuePair<string, string> ReadPair(RequestFields fields) =>
        new(fields.RequiredText("key"), fields.Text("value") ?? "");

    private static DatasetInputRecord ReadUse(RequestFields fields)
    {
        var dataset = fields.Object("dataset") ?? throw RequestFields.Missing(fields.PathOf("dataset"));
        var use = new DatasetInputRecord(
            dataset.RequiredText("name"), dataset.RequiredText("digest"), dataset.RequiredText("source_type"),
            dataset.RequiredText("source"), dataset.Text("schema"), dataset.Text("profile"));
        use.Tags.AddRange(RestPairs.Read(fields, "tags"));
        return use;
    }
}
