using System.Globalization;
using System.Text.Json;
using Gyre.Tracking.Search;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/experiments/*</c>.</summary>
internal sealed class ExperimentEndpoints(ExperimentStore experiments, ClientRuns runs)
{
    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/experiments/create", CreateAsync);
        routes.Get("2.0/mlflow/experiments/get", GetAsync);
        routes.Get("2.0/mlflow/experiments/get-by-name", GetByNameAsync);
        routes.Post("2.0/mlflow/experiments/delete", DeleteAsync);
        routes.Post("2.0/mlflow/experiments/restore", RestoreAsync);
        routes.Post("2.0/mlflow/experiments/update", UpdateAsync);
        routes.Post("2.0/mlflow/experiments/set-experiment-tag", SetTagAsync);
        routes.Post("2.0/mlflow/experiments/delete-experiment-tag", DeleteTagAsync);
        routes.Post("2.0/mlflow/experiments/search", SearchAsync);
        routes.Get("2.0/mlflow/experiments/search", SearchAsync);
        routes.Post("2.0/mlflow/experiments/search-datasets", SearchDatasetsAsync);
    }

    /// <summary>An experiment's number, which travels as text.</summary>
    public static long IdOf(RequestFields fields) => ParseId(fields.RequiredText("experiment_id"));

    public static long ParseId(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw RestException.Parameter($"Invalid experiment ID: '{text}'. It must be a whole number.");

    /// <summary>The fields of an experiment's object.</summary>
    public static void Write(Utf8JsonWriter json, Experiment experiment)
    {
        json.WriteString("experiment_id", experiment.Id.ToString(CultureInfo.InvariantCulture));
        json.WriteString("name", experiment.Name);
        json.WriteString("artifact_location", experiment.ArtifactLocation);
        json.WriteString("lifecycle_stage", experiment.IsDeleted ? "deleted" : "active");
        json.WriteOptional("last_update_time", experiment.UpdatedAt?.ToUnixTimeMilliseconds());
        json.WriteOptional("creation_time", experiment.CreatedAt?.ToUnixTimeMilliseconds());
        json.WritePairs("tags", experiment.Tags);
    }

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        var id = await experiments.CreateAsync(
            fields.RequiredText("name"), fields.Text("artifact_location"), RestPairs.Read(fields, "tags"),
            context.RequestAborted);
        await RestAnswer.SendAsync(
            context, json => json.WriteString("experiment_id", id.ToString(CultureInfo.InvariantCulture)));
    }

    private Task GetAsync(HttpContext context, RequestFields fields) =>
        SendAsync(context, experiments.Get(IdOf(fields)));

    private Task GetByNameAsync(HttpContext context, RequestFields fields) =>
        SendAsync(context, experiments.Get(fields.RequiredText("experiment_name")));

    private async Task DeleteAsync(HttpContext context, RequestFields fields)
    {
        await experiments.DeleteAsync(IdOf(fields), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task RestoreAsync(HttpContext context, RequestFields fields)
    {
        await experiments.RestoreAsync(IdOf(fields), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task UpdateAsync(HttpContext context, RequestFields fields)
    {
        await experiments.RenameAsync(IdOf(fields), fields.RequiredText("new_name"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task SetTagAsync(HttpContext context, RequestFields fields)
    {
        await experiments.SetTagAsync(
            IdOf(fields), fields.RequiredText("key"), fields.Text("value") ?? throw RequestFields.Missing("value"),
            context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteTagAsync(HttpContext context, RequestFields fields)
    {
        await experiments.DeleteTagAsync(IdOf(fields), fields.RequiredText("key"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private Task SearchAsync(HttpContext context, RequestFields fields)
    {
        var page = experiments.Search(new ExperimentSearchQuery
        {
            Filter = fields.Text("filter"),
            ViewType = RestSearch.ViewTypeOf(fields, "view_type"),
            // The protocol has no default here: clients always say how many.
            MaxResults = RestSearch.MaxResultsOf(fields, absent: 0),
            OrderBy = fields.Texts("order_by"),
            PageToken = fields.Text("page_token"),
        });
        return RestAnswer.SendListAsync(
            context, "experiments", page.Items,
            static (json, experiment) =>
            {
                json.WriteStartObject();
                Write(json, experiment);
                json.WriteEndObject();
            },
            json => json.WriteOptional("next_page_token", page.NextPageToken));
    }

    private Task SearchDatasetsAsync(HttpContext context, RequestFields fields)
    {
        var summaries = runs.SummarizeDatasets([.. fields.Texts("experiment_ids").Select(ParseId)]);
        return RestAnswer.SendAsync(context, json => json.WriteList("dataset_summaries", summaries, Write));
    }

    private static void Write(Utf8JsonWriter json, DatasetSummary dataset)
    {
        json.WriteString("experiment_id", dataset.ExperimentId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("name", dataset.Name);
        json.WriteString("digest", dataset.Digest);
        json.WriteOptional("context", dataset.Context);
    }

    private static Task SendAsync(HttpContext context, Experiment experiment) => RestAnswer.SendAsync(context, json =>
    {
        json.WriteStartObject("experiment");
        Write(json, experiment);
        json.WriteEndObject();
    });
}
