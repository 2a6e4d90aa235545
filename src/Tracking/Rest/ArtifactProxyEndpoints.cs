using Gyre.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow-artifacts/artifacts</c>: files below the server's artifact root.</summary>
internal sealed class ArtifactProxyEndpoints(IArtifactRepository artifacts)
{
    private const string Root = "2.0/mlflow-artifacts/artifacts";
    private const string File = Root + "/{**" + ArtifactPaths.Rest + "}";
    private const string Presigned = "2.0/mlflow-artifacts/presigned";

    public void Map(RestRoutes routes)
    {
        routes.Get(Root, ListAsync);
        routes.Raw("GET", File, DownloadAsync);
        routes.Raw("HEAD", File, DownloadAsync);
        routes.Raw("PUT", File, UploadAsync);
        routes.Raw("DELETE", File, DeleteAsync);
        routes.Raw("GET", Presigned + "/{**" + ArtifactPaths.Rest + "}", PresignAsync);
    }

    private async Task ListAsync(HttpContext context, RequestFields fields)
    {
        ArtifactPath.Parse(ArtifactPaths.RestOf(context, "mlflow-artifacts/artifacts")); // refuses a/.. and the like
        await SendListAsync(
            context, await artifacts.ListAsync(ArtifactPath.Parse(fields.Text("path")), context.RequestAborted));
    }

    private async Task DownloadAsync(HttpContext context)
    {
        var text = ArtifactPaths.RestOf(context, "mlflow-artifacts/artifacts");
        if (text.Length == 0)
        {
            await SendListAsync(context, await artifacts.ListAsync("", context.RequestAborted));
            return;
        }

        var path = ArtifactPath.ParseFile(text);
        await SendFileAsync(context, artifacts, path);
    }

    /// <summary>Sends a file of the repository.</summary>
    /// <exception cref="GyreException">There is none of that name.</exception>
    public static async Task SendFileAsync(HttpContext context, IArtifactRepository artifacts, string path)
    {
        await using var content = await artifacts.FindAsync(path, context.RequestAborted)
            ?? throw GyreException.NotFound($"No such artifact: '{path}'");
        await ArtifactAnswer.SendAsync(context, content, ArtifactPath.NameOf(path));
    }

    private async Task UploadAsync(HttpContext context)
    {
        var path = PathOf(context);
        AllowAnySize(context);
        await artifacts.WriteAsync(path, context.Request.Body, context.Request.ContentLength, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    /// <summary>Lifts the server's limit on bodies, which is meant for those that are held in memory.</summary>
    public static void AllowAnySize(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
    }

    private async Task DeleteAsync(HttpContext context)
    {
        await artifacts.DeleteAsync(PathOf(context), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task PresignAsync(HttpContext context)
    {
        var path = ArtifactPath.ParseFile(ArtifactPaths.RestOf(context, "mlflow-artifacts/presigned"));
        var url = await artifacts.PresignDownloadAsync(path, context.RequestAborted)
            ?? throw new RestException(RestErrors.NotImplemented,
                "Presigned download is not supported for the current artifact repository.");
        await using var content = await artifacts.FindAsync(path, context.RequestAborted)
            ?? throw GyreException.NotFound($"No such artifact: '{path}'");
        await RestAnswer.SendAsync(context, json =>
        {
            json.WriteString("url", url);
            json.WriteNumber("file_size", content.Length);
        });
    }

    private static string PathOf(HttpContext context) =>
        ArtifactPath.ParseFile(ArtifactPaths.RestOf(context, "mlflow-artifacts/artifacts"));

    private static Task SendListAsync(HttpContext context, IReadOnlyList<ArtifactEntry> entries) =>
        RestAnswer.SendAsync(context, json => ArtifactListing.Write(json, entries, ""));
}
