using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/logged-models</c>, but for the search and the files.</summary>
internal sealed class LoggedModelEndpoints(LoggedModelStore models)
{
    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/logged-models", CreateAsync);
        routes.Patch("2.0/mlflow/logged-models/{model_id}", FinalizeAsync);
        routes.Get("2.0/mlflow/logged-models/{model_id}", GetAsync);
        routes.Delete("2.0/mlflow/logged-models/{model_id}", DeleteAsync);
        routes.Patch("2.0/mlflow/logged-models/{model_id}/tags", SetTagsAsync);
        routes.Delete("2.0/mlflow/logged-models/{model_id}/tags/{tag_key}", DeleteTagAsync);
        routes.Post("2.0/mlflow/logged-models/{model_id}/params", AddParamsAsync);
    }

    /// <summary>The model that the path names.</summary>
    public static string IdOf(HttpContext context) => (string)context.GetRouteValue("model_id")!; // a part of the route

    /// <summary>The fields of a logged model's object.</summary>
    public static void Write(Utf8JsonWriter json, LoggedModel model)
    {
        json.WriteStartObject("info");
        json.WriteString("model_id", model.Id);
        json.WriteString("experiment_id", model.ExperimentId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("name", model.Name);
        json.WriteNumber("creation_timestamp_ms", model.CreatedAt);
        json.WriteNumber("last_updated_timestamp_ms", model.UpdatedAt);
        json.WriteString("artifact_uri", model.ArtifactUri);
        json.WriteString("status", NameOf(model.Status));
        json.WriteOptional("model_type", model.ModelType);
        json.WriteOptional("source_run_id", model.SourceRunId);
        json.WriteOptional("status_message", model.StatusMessage);
        json.WritePairs("tags", model.Tags);
        json.WriteEndObject();
        json.WriteStartObject("data");
        json.WritePairs("params", model.Params);
        json.WriteList("metrics", model.Metrics, (json, metric) => WriteMetric(json, metric, model.Id));
        json.WriteEndObject();
    }

    private static void WriteMetric(Utf8JsonWriter json, LoggedModelMetric metric, string modelId)
    {
        json.WriteString("key", metric.Key);
        json.WriteDouble("value", metric.Value);
        json.WriteNumber("timestamp", metric.Timestamp);
        json.WriteNumber("step", metric.Step);
        json.WriteOptional("dataset_name", metric.DatasetName);
        json.WriteOptional("dataset_digest", metric.DatasetDigest);
        json.WriteString("model_id", modelId);
        json.WriteString("run_id", metric.RunId);
    }

    private static string NameOf(LoggedModelStatus status) =>
        RestEnums.LoggedModelStatus.FirstOrDefault(pair => pair.Value == (int)status).Key
        ?? "LOGGED_MODEL_STATUS_UNSPECIFIED";

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        var name = fields.Text("name");
        await SendAsync(context, await models.CreateAsync(
            ExperimentEndpoints.IdOf(fields), name, fields.Text("model_type") ?? "", fields.Text("source_run_id") ?? "",
            RestPairs.Read(fields, "params"), RestPairs.Read(fields, "tags"), context.RequestAborted));
    }

    private async Task FinalizeAsync(HttpContext context, RequestFields fields)
    {
        var status = fields.Enum("status", RestEnums.LoggedModelStatus) ?? throw RequestFields.Missing("status");
        await SendAsync(context, await models.FinalizeAsync(
            IdOf(context), (LoggedModelStatus)RestEnums.LoggedModelStatus[status], context.RequestAborted));
    }

    private Task GetAsync(HttpContext context, RequestFields fields) =>
        SendAsync(context, models.Get(IdOf(context), fields.Boolean("allow_deleted") ?? false));

    private async Task DeleteAsync(HttpContext context, RequestFields fields)
    {
        await models.DeleteAsync(IdOf(context), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task SetTagsAsync(HttpContext context, RequestFields fields)
    {
        await models.SetTagsAsync(IdOf(context), RestPairs.Read(fields, "tags"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteTagAsync(HttpContext context, RequestFields fields)
    {
        var key = Uri.UnescapeDataString((string)context.GetRouteValue("tag_key")!); // an escaped slash is left in it
        await models.DeleteTagAsync(IdOf(context), key, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task AddParamsAsync(HttpContext context, RequestFields fields)
    {
        await models.AddParamsAsync(IdOf(context), RestPairs.Read(fields, "params"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private static Task SendAsync(HttpContext context, LoggedModel model) => RestAnswer.SendAsync(context, json =>
    {
        json.WriteStartObject("model");
        Write(json, model);
        json.WriteEndObject();
    });
}
