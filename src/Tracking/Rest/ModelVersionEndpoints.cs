using System.Globalization;
using System.Text.Json;
using Gyre.Tracking.Storage;
using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow/model-versions/*</c>, but for the search.</summary>
internal sealed class ModelVersionEndpoints(VersionCatalog versions)
{
    public void Map(RestRoutes routes)
    {
        routes.Post("2.0/mlflow/model-versions/create", CreateAsync);
        routes.Patch("2.0/mlflow/model-versions/update", UpdateAsync);
        routes.Post("2.0/mlflow/model-versions/transition-stage", TransitionAsync);
        routes.Delete("2.0/mlflow/model-versions/delete", DeleteAsync);
        routes.Get("2.0/mlflow/model-versions/get", GetAsync);
        routes.Get("2.0/mlflow/model-versions/get-download-uri", GetDownloadUriAsync);
        routes.Post("2.0/mlflow/model-versions/set-tag", SetTagAsync);
        routes.Delete("2.0/mlflow/model-versions/delete-tag", DeleteTagAsync);
    }

    /// <summary>A version's number, which travels as text.</summary>
    public static int NumberOf(RequestFields fields)
    {
        var text = fields.RequiredText("version");
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw RestException.Parameter($"Parameter 'version' must be an integer, got '{text}'.");
    }

    /// <summary>The fields of a version's object.</summary>
    public static void Write(Utf8JsonWriter json, VersionRecord version)
    {
        json.WriteString("name", version.Name);
        json.WriteString("version", version.Version.ToString(CultureInfo.InvariantCulture));
        json.WriteOptional("creation_timestamp", version.CreatedAt);
        json.WriteOptional("last_updated_timestamp", version.UpdatedAt);
        json.WriteOptional("user_id", version.UserId);
        json.WriteOptional("current_stage", version.Stage);
        json.WriteOptional("description", version.Description);
        json.WriteOptional("source", version.Source);
        json.WriteOptional("run_id", version.RunId);
        json.WriteOptional("status", version.Status);
        if (!string.IsNullOrEmpty(version.StatusMessage)) json.WriteString("status_message", version.StatusMessage);
        json.WritePairs("tags", version.Tags);
        json.WriteOptional("run_link", version.RunLink);
        if (version.Aliases.Count == 0) return;
        json.WriteStartArray("aliases");
        foreach (var alias in version.Aliases) json.WriteStringValue(alias);
        json.WriteEndArray();
    }

    public static Task SendAsync(HttpContext context, VersionRecord version) => RestAnswer.SendAsync(context, json =>
    {
        json.WriteStartObject("model_version");
        Write(json, version);
        json.WriteEndObject();
    });

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        // What a client leaves out is stored, and comes back, as an empty text.
        var row = new NewVersion(
            fields.RequiredText("name"), fields.RequiredText("source"), fields.Text("run_id") ?? "",
            RestPairs.Read(fields, "tags"), fields.Text("description") ?? "", fields.Text("run_link") ?? "");
        var modelId = fields.Text("model_id");
        await SendAsync(context, await versions.CreateAsync(
            row, string.IsNullOrEmpty(modelId) ? null : modelId, context.RequestAborted));
    }

    private async Task UpdateAsync(HttpContext context, RequestFields fields) =>
        await SendAsync(context, await versions.DescribeAsync(
            fields.RequiredText("name"), NumberOf(fields), fields.Text("description") ?? "", context.RequestAborted));

    private async Task TransitionAsync(HttpContext context, RequestFields fields)
    {
        var archive = fields.Boolean("archive_existing_versions")
            ?? throw RequestFields.Missing("archive_existing_versions");
        await SendAsync(context, await versions.TransitionAsync(
            fields.RequiredText("name"), NumberOf(fields), fields.RequiredText("stage"), archive,
            context.RequestAborted));
    }

    private async Task DeleteAsync(HttpContext context, RequestFields fields)
    {
        await versions.DeleteAsync(fields.RequiredText("name"), NumberOf(fields), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private Task GetAsync(HttpContext context, RequestFields fields) =>
        SendAsync(context, versions.Get(fields.RequiredText("name"), NumberOf(fields)));

    private Task GetDownloadUriAsync(HttpContext context, RequestFields fields)
    {
        var uri = versions.DownloadUri(fields.RequiredText("name"), NumberOf(fields));
        return RestAnswer.SendAsync(context, json => json.WriteString("artifact_uri", uri));
    }

    private async Task SetTagAsync(HttpContext context, RequestFields fields)
    {
        await versions.SetTagAsync(
            fields.RequiredText("name"), NumberOf(fields), fields.RequiredText("key"), RestPairs.RequiredValue(fields),
            context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task DeleteTagAsync(HttpContext context, RequestFields fields)
    {
        await versions.DeleteTagAsync(
            fields.RequiredText("name"), NumberOf(fields), fields.RequiredText("key"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }
}
