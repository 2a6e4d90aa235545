using System.Text.Json;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary>Searches for registered models, versions and logged models. Results are read while they are sent.</summary>
internal sealed class ModelSearchEndpoints(TrackingDatabase database)
{
    private const int MostModels = 1000;
    private const int MostVersions = 200_000;

    public void Map(RestRoutes routes)
    {
        routes.Get("2.0/mlflow/registered-models/search", SearchModelsAsync);
        routes.Get("2.0/mlflow/model-versions/search", SearchVersionsAsync);
        routes.Post("2.0/mlflow/logged-models/search", SearchLoggedModelsAsync);
    }

    private async Task SearchModelsAsync(HttpContext context, RequestFields fields)
    {
        using var connection = database.OpenConnection();
        var page = RegisteredModelSearch.Search(connection, QueryOf(fields, absent: 100, MostModels));
        await SendAsync(
            context, "registered_models", ModelRows.Read(connection, page.Items), RegisteredModelEndpoints.Write,
            page.NextPageToken);
    }

    private async Task SearchVersionsAsync(HttpContext context, RequestFields fields)
    {
        using var connection = database.OpenConnection();
        var page = ModelVersionSearch.Search(connection, QueryOf(fields, absent: MostVersions, MostVersions));
        await SendAsync(
            context, "model_versions", VersionRows.Read(connection, page.Items), ModelVersionEndpoints.Write,
            page.NextPageToken);
    }

    private async Task SearchLoggedModelsAsync(HttpContext context, RequestFields fields)
    {
        using var connection = database.OpenConnection();
        var page = LoggedModelSearch.Search(connection, new LoggedModelSearchQuery
        {
            ExperimentIds = [.. fields.Texts("experiment_ids").Select(ExperimentEndpoints.ParseId)],
            Filter = fields.Text("filter"),
            Datasets = [.. fields.Objects("datasets").Select(dataset => new DatasetFilter(
                dataset.RequiredText("dataset_name"), dataset.Text("dataset_digest")))],
            OrderBy = [.. fields.Objects("order_by").Select(item => new LoggedModelOrdering(
                item.RequiredText("field_name"), item.Boolean("ascending") ?? true, item.Text("dataset_name"),
                item.Text("dataset_digest")))],
            MaxResults = RestSearch.MaxResultsOf(fields, absent: 50),
            PageToken = fields.Text("page_token"),
        });
        await SendAsync(
            context, "models", LoggedModelRows.Read(connection, page.Items), LoggedModelEndpoints.Write,
            page.NextPageToken);
    }

    private static ModelSearchQuery QueryOf(RequestFields fields, int absent, int most) => new()
    {
        Filter = fields.Text("filter"),
        OrderBy = fields.Texts("order_by"),
        MaxResults = RestSearch.MaxResultsOf(fields, absent, most),
        PageToken = fields.Text("page_token"),
    };

    private static Task SendAsync<T>(
        HttpContext context, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> fields, string? token) =>
        RestAnswer.SendListAsync(
            context, name, items,
            (json, item) =>
            {
                json.WriteStartObject();
                fields(json, item);
                json.WriteEndObject();
            },
            json => json.WriteOptional("next_page_token", token));
}
