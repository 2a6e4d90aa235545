using Microsoft.AspNetCore.Http;

namespace Gyre.Tracking.Rest;

/// <summary>Files of runs, logged models and versions, found by the id of what they belong to.</summary>
internal sealed class RunArtifactEndpoints(ArtifactAddresses addresses, IArtifactRepository artifacts)
{
    /// <summary>The longest file that the web page uploads, in bytes.</summary>
    private const long MaxUpload = 10 << 20;

    private static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(7);

    public void Map(RestRoutes routes)
    {
        routes.Get("2.0/mlflow/artifacts/list", ListRunAsync);
        routes.Post("2.0/mlflow/artifacts/presigned-upload-url", PresignUploadAsync);
        routes.Get("2.0/mlflow/logged-models/{model_id}/artifacts/directories", ListModelAsync);
        routes.Raw("GET", "2.0/mlflow/logged-models/{model_id}/artifacts/files", DownloadOfModelAsync);
        routes.Raw("POST", "2.0/mlflow/upload-artifact", UploadAsync);
        foreach (var method in (string[])["GET", "HEAD"])
        {
            routes.Bare(method, "/get-artifact", DownloadOfRunAsync);
            routes.Bare(method, "/model-versions/get-artifact", DownloadOfVersionAsync);
        }
    }

    private Task ListRunAsync(HttpContext context, RequestFields fields) => SendListAsync(
        context, addresses.OfRun(RunIdOf(fields)), ArtifactPath.Parse(fields.Text("path")));

    private Task ListModelAsync(HttpContext context, RequestFields fields) => SendListAsync(
        context, addresses.OfModel(LoggedModelEndpoints.IdOf(context)),
        ArtifactPath.Parse(fields.Text("artifact_directory_path")));

    private async Task SendListAsync(HttpContext context, ArtifactAddress root, string path)
    {
        var entries = await artifacts.ListAsync(ArtifactPath.Join(root.Path, path), context.RequestAborted);
        await RestAnswer.SendAsync(context, json =>
        {
            json.WriteString("root_uri", root.Uri);
            ArtifactListing.Write(json, entries, path);
        });
    }

    private Task DownloadOfRunAsync(HttpContext context)
    {
        var fields = new RequestFields(context.Request.Query);
        return SendFileAsync(context, addresses.OfRun(RunIdOf(fields)), fields.RequiredText("path"));
    }

    private Task DownloadOfVersionAsync(HttpContext context)
    {
        var fields = new RequestFields(context.Request.Query);
        var root = addresses.OfVersion(fields.RequiredText("name"), ModelVersionEndpoints.NumberOf(fields));
        return SendFileAsync(context, root, fields.RequiredText("path"));
    }

    private Task DownloadOfModelAsync(HttpContext context) => SendFileAsync(
        context, addresses.OfModel(LoggedModelEndpoints.IdOf(context)),
        new RequestFields(context.Request.Query).RequiredText("artifact_file_path"));

    private Task SendFileAsync(HttpContext context, ArtifactAddress root, string path) =>
        ArtifactProxyEndpoints.SendFileAsync(
            context, artifacts, ArtifactPath.Join(root.Path, ArtifactPath.ParseFile(path)));

    private async Task UploadAsync(HttpContext context)
    {
        var fields = new RequestFields(context.Request.Query);
        var run = fields.Text("run_uuid") is { Length: > 0 } id
            ? id
            : throw RestException.Parameter("Request must specify run_uuid.");
        var path = ArtifactPath.ParseFile(fields.Text("path") is { Length: > 0 } text
            ? text
            : throw RestException.Parameter("Request must specify path."));
        if (context.Request.ContentLength is 0) throw RestException.Parameter("Request must specify data.");
        if (context.Request.ContentLength > MaxUpload) throw TooLong();
        var root = addresses.OfRun(run);
        ArtifactProxyEndpoints.AllowAnySize(context); // the limit here has an error code
        await using var body = new LimitedStream(context.Request.Body, MaxUpload, TooLong);
        await artifacts.WriteAsync(
            ArtifactPath.Join(root.Path, path), body, context.Request.ContentLength, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task PresignUploadAsync(HttpContext context, RequestFields fields)
    {
        var path = ArtifactPath.ParseFile(fields.RequiredText("path"));
        var seconds = Math.Clamp(fields.Int64("expiration") ?? 3600, 1, (long)MaxExpiry.TotalSeconds);
        var root = addresses.OfRun(fields.RequiredText("run_id"));
        var url = await artifacts.PresignUploadAsync(
            ArtifactPath.Join(root.Path, path), TimeSpan.FromSeconds(seconds), context.RequestAborted)
            ?? throw new RestException(RestErrors.NotImplemented,
                "Presigned upload is not supported for the current artifact repository.");
        await RestAnswer.SendAsync(context, json => json.WriteString("presigned_url", url));
    }

    private static string RunIdOf(RequestFields fields) => fields.Text("run_id") is { Length: > 0 } id
        ? id
        : fields.Text("run_uuid") is { Length: > 0 } uuid ? uuid : throw RequestFields.Missing("run_id");

    private static RestException TooLong() =>
        RestException.Parameter("Artifact size is too large. Max size is 10MB.");
}
