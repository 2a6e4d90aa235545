using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/registered-models/*</c>, but for the search.</summary>
internal sealed class RegisteredModelEndpoints(ModelCatalog models, VersionCatalog versions, ModelRegistry registry)
{
    /// <summary>What the history of an alias says about moves made here.</summary>
    private const string Reason = "MLflow's REST API";

    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/registered-models/create", CreateAsync);
        routes.Post("2.0/mlflow/registered-models/rename", RenameAsync);
        routes.Patch("2.0/mlflow/registered-models/update", UpdateAsync);
        routes.Delete("2.0/mlflow/registered-models/delete", DeleteAsync);
        routes.Get("2.0/mlflow/registered-models/get", GetAsync);
        routes.Get("2.0/mlflow/registered-models/get-latest-versions", GetLatestAsync);
        routes.Post("2.0/mlflow/registered-models/get-latest-versions", GetLatestAsync);
        routes.Post("2.0/mlflow/registered-models/set-tag", SetTagAsync);
        routes.Delete("2.0/mlflow/registered-models/delete-tag", DeleteTagAsync);
        routes.Post("2.0/mlflow/registered-models/alias", SetAliasAsync);
        routes.Delete("2.0/mlflow/registered-models/alias", DeleteAliasAsync);
        routes.Get("2.0/mlflow/registered-models/alias", GetAliasAsync);
    }

    /// <summary>The fields of a registered model's object.</summary>
    public static void Write(Utf8JsonWriter json, ModelRecord model)
    {
        json.WriteString("name", model.Name);
        json.WriteOptional("creation_timestamp", model.CreatedAt);
        json.WriteOptional("last_updated_timestamp", model.UpdatedAt);
        json.WriteOptional("description", model.Description);
        json.WriteList("latest_versions", model.Latest, ModelVersionEndpoints.Write);
        json.WritePairs("tags", model.Tags);
        json.WriteList("aliases", model.Aliases, static (json, alias) =>
        {
            json.WriteString("alias", alias.Key);
            json.WriteString("version", alias.Value.ToString(CultureInfo.InvariantCulture));
        });
    }

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        var description = fields.Text("description");
        await SendAsync(context, await models.CreateAsync(
            fields.RequiredText("name"), string.IsNullOrEmpty(description) ? null : description,
            RestPairs.Read(fields, "tags"), context.RequestAborted));
    }

    private async Task RenameAsync(HttpContext context, RequestFields fields) =>
        await SendAsync(context, await models.RenameAsync(
            fields.RequiredText("name"), fields.RequiredText("new_name"), context.RequestAborted));

    private async Task UpdateAsync(HttpContext context, RequestFields fields) =>
        await SendAsync(context, await models.DescribeAsync(
            fields.RequiredText("name"), fields.Text("description") ?? "", context.RequestAborted));

    private async Task DeleteAsync(HttpContext context, RequestFields fields)
    {
        await models.DeleteAsync(fields.RequiredText("name"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private Task GetAsync(HttpContext context, RequestFields fields) =>
        SendAsync(context, models.Get(fields.RequiredText("name")));

    private Task GetLatestAsync(HttpContext context, RequestFields fields)
    {
        var latest = versions.Latest(fields.RequiredText("name"), fields.Texts("stages"));
        return RestAnswer.SendAsync(
            context, json => json.WriteList("model_versions", latest, ModelVersionEndpoints.Write));
    }

    private async Task SetTagAsync(HttpContext context, RequestFields fields)
    {
        await models.SetTagAsync(
            fields.RequiredText("name"), fields.RequiredText("key"), RestPairs.RequiredValue(fields),
            context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteTagAsync(HttpContext context, RequestFields fields)
    {
        await models.DeleteTagAsync(fields.RequiredText("name"), fields.RequiredText("key"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task SetAliasAsync(HttpContext context, RequestFields fields)
    {
        await registry.SetAliasAsync(
            fields.RequiredText("name"), fields.RequiredText("alias"), ModelVersionEndpoints.NumberOf(fields), Reason,
            context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteAliasAsync(HttpContext context, RequestFields fields)
    {
        var (name, alias) = (fields.RequiredText("name"), fields.RequiredText("alias"));
        models.Get(name); // an absent alias is no failure, an absent model is
        await registry.RemoveAliasAsync(name, alias, Reason, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private Task GetAliasAsync(HttpContext context, RequestFields fields) => ModelVersionEndpoints.SendAsync(
        context, versions.GetByAlias(fields.RequiredText("name"), fields.RequiredText("alias")));

    private static Task SendAsync(HttpContext context, ModelRecord model) => RestAnswer.SendAsync(context, json =>
    {
        json.WriteStartObject("registered_model");
        Write(json, model);
        json.WriteEndObject();
    });
}
