using System.Net;
using System.Security.Cryptography;
using Gyre.Tracking.Tests.Rest;
using Microsoft.Extensions.DependencyInjection;

namespace Gyre.Tracking.Tests.Files;

/// <summary>The artifact proxy in front of a bucket.</summary>
public sealed class BucketRestTests(S3Server s3) : IClassFixture<S3Server>
{
    private const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    [S3Fact]
    public async Task Proxy_InFrontOfABucket_ServesWhatItStored()
    {
        await using var server = await RestFixture.StartAsync(replace: services =>
            services.AddSingleton<IArtifactRepository>(
                new S3Artifacts(s3.Client(), ArtifactRoot.Parse("s3://gyre/root"))));
        var run = await server.CreateRunAsync();
        var content = RandomNumberGenerator.GetBytes(S3Artifacts.PartSize + 1000);
        using (var body = new ByteArrayContent(content))
        using (var stored = await server.Client.PutAsync($"{Proxy}/0/{run}/artifacts/model/w.bin", body))
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);

        Assert.Equal(
            $$"""{"path":"model/w.bin","is_dir":false,"file_size":{{content.Length}}}""",
            (await server.GetAsync($"2.0/mlflow/artifacts/list?run_id={run}&path=model"))["files"]!.AsArray().Single()!
                .ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/get-artifact?run_id={run}&path=model/w.bin");
        request.Headers.TryAddWithoutValidation("Range", "bytes=1000-1099");
        using var part = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[1000..1100], await part.Content.ReadAsByteArrayAsync());

        var link = await server.GetAsync($"/api/2.0/mlflow-artifacts/presigned/0/{run}/artifacts/model/w.bin");
        Assert.Equal(content.Length, (int)link["file_size"]!); // told by the answer
        using var direct = new HttpClient();
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await direct.GetByteArrayAsync((string?)link["url"])));

        using var deleted = await server.Client.DeleteAsync($"{Proxy}/0/{run}/artifacts/model");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"),
            await server.RefusedAsync(HttpMethod.Get, $"{Proxy}/0/{run}/artifacts/model/w.bin") switch
            { var (status, code, _) => (status, code) });
        Assert.Equal("{}", (await server.GetAsync(Proxy)).ToJsonString());
    }

    [S3Fact]
    public async Task AbortUpload_StoreThatCannot_Is501AndNothingIsVisible()
    {
        using var bucket = new S3Artifacts(s3.Client(), ArtifactRoot.Parse("s3://gyre/abort"));
        await using var server = await RestFixture.StartAsync(
            replace: services => services.AddSingleton<IArtifactRepository>(bucket));
        var upload = await server.PostAsync(
            "2.0/mlflow-artifacts/mpu/create/0", new { path = "w.bin", num_parts = 1 });
        using (var http = new HttpClient())
        using (var body = new ByteArrayContent(new byte[100]))
        using (var part = await http.PutAsync((string?)upload["credentials"]![0]!["url"], body))
            Assert.Equal(HttpStatusCode.OK, part.StatusCode);

        // The S3 server of these tests has no AbortMultipartUpload; Amazon's has.
        var (status, code, _) = await server.RefusedAsync(HttpMethod.Post, "2.0/mlflow-artifacts/mpu/abort/0",
            new { path = "w.bin", upload_id = (string?)upload["upload_id"] });
        Assert.Equal((501, "NOT_IMPLEMENTED"), (status, code));
        Assert.Null(await bucket.FindAsync("0/w.bin", CancellationToken.None));
        Assert.Empty(await bucket.ListAsync("0", CancellationToken.None));
    }

    [S3Fact]
    public async Task Put_ConnectionLost_LeavesNothingVisible()
    {
        using var bucket = new S3Artifacts(s3.Client(), ArtifactRoot.Parse("s3://gyre/lost"));
        await using var server = await RestFixture.StartAsync(
            replace: services => services.AddSingleton<IArtifactRepository>(bucket));
        using var cancel = new CancellationTokenSource();
        using var body = new StreamContent(new EndlessStream(S3Artifacts.PartSize + 1, cancel));
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Proxy}/half") { Content = body };
        request.Headers.TransferEncodingChunked = true;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Client.SendAsync(request, cancel.Token));
        Assert.Empty(await bucket.ListAsync("", CancellationToken.None));
        Assert.Null(await bucket.FindAsync("half", CancellationToken.None));
    }

    /// <summary>Gives so many bytes, then lets the client give up.</summary>
    private sealed class EndlessStream(int length, CancellationTokenSource cancel) : MemoryStream(new byte[length])
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is var read and > 0) return read;
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
