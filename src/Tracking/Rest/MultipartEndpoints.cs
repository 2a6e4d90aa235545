using System.Globalization;
using Gyre.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gyre.Tracking.Rest;

/// <summary><c>mlflow-artifacts/mpu/*</c>: uploads in parts; the parts too where the store is a folder.</summary>
internal sealed class MultipartEndpoints(IArtifactRepository artifacts)
{
    public void Map(RestRoutes routes)
    {
        foreach (var rest in (string[])["", "/{**" + ArtifactPaths.Rest + "}"])
        {
            routes.Post("2.0/mlflow-artifacts/mpu/create" + rest, CreateAsync);
            routes.Post("2.0/mlflow-artifacts/mpu/complete" + rest, CompleteAsync);
            routes.Post("2.0/mlflow-artifacts/mpu/abort" + rest, AbortAsync);
        }

        routes.Raw("PUT", LocalUploads.PartRoute + "/{upload}/{number}", ReceivePartAsync);
    }

    private async Task CreateAsync(HttpContext context, RequestFields fields)
    {
        var path = PathOf(context, fields, "mpu/create");
        var parts = fields.Int64("num_parts") ?? 1;
        if (parts is < 1 or > LocalUploads.MaxParts)
        {
            throw RestException.Parameter(
                $"Invalid value {parts} for parameter 'num_parts' supplied: 1 to {LocalUploads.MaxParts} are allowed.");
        }

        var server = $"{context.Request.Scheme}://{context.Request.Host}";
        var upload = await artifacts.CreateUploadAsync(path, (int)parts, server, context.RequestAborted);
        await RestAnswer.SendAsync(context, json =>
        {
            json.WriteString("upload_id", upload.Id);
            var number = 0;
            json.WriteList("credentials", upload.Urls, (json, url) =>
            {
                json.WriteString("url", url);
                json.WriteNumber("part_number", ++number);
            });
        });
    }

    private async Task CompleteAsync(HttpContext context, RequestFields fields)
    {
        var parts = fields.Objects("parts").Select(part => new MultipartPart(
            (int)Math.Clamp(part.RequiredInt64("part_number"), 0, int.MaxValue), part.RequiredText("etag"))).ToList();
        await artifacts.CompleteUploadAsync(
            PathOf(context, fields, "mpu/complete"), fields.RequiredText("upload_id"), parts, context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task AbortAsync(HttpContext context, RequestFields fields)
    {
        await artifacts.AbortUploadAsync(
            PathOf(context, fields, "mpu/abort"), fields.RequiredText("upload_id"), context.RequestAborted);
        await RestAnswer.SendEmptyAsync(context);
    }

    private async Task ReceivePartAsync(HttpContext context)
    {
        if (artifacts is not LocalArtifacts local) throw GyreException.NotFound("Parts go to the store itself.");
        var (upload, text) = ((string)context.GetRouteValue("upload")!, (string?)context.GetRouteValue("number"));
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw RestException.Parameter("Invalid part number.");
        ArtifactProxyEndpoints.AllowAnySize(context);
        var tag = await local.Uploads.WritePartAsync(upload, number, context.Request.Body, context.RequestAborted);
        context.Response.Headers.ETag = $"\"{tag}\"";
        await RestAnswer.SendEmptyAsync(context);
    }

    /// <summary>The folder is in the URL; the file is named by its path on the client's machine.</summary>
    private static string PathOf(HttpContext context, RequestFields fields, string operation)
    {
        var local = fields.RequiredText("path");
        var name = local[(local.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var folder = ArtifactPath.Parse(ArtifactPaths.RestOf(context, operation));
        return ArtifactPath.Join(folder, ArtifactPath.ParseFile(name));
    }
}
