using System.Buffers;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Gyre.Primitives;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking;

/// <summary>
/// Artifacts in a bucket of an S3-compatible store. An upload is one object, or parts of <see cref="PartSize"/> bytes
/// that become visible together; one part is held in memory at a time.
/// </summary>
internal sealed class S3Artifacts(IAmazonS3 client, ArtifactRoot root) : IArtifactRepository, IDisposable
{
    /// <summary>How much is sent at once, in bytes; S3 takes 5 MiB or more.</summary>
    public const int PartSize = 8 << 20;

    private const int MaxParts = 10_000;
    private static readonly TimeSpan LinksLast = TimeSpan.FromHours(1);

    private string Bucket => root.Bucket!; // only made for a bucket

    public string? FindPath(string uri)
    {
        const string proxied = "mlflow-artifacts:";
        if (uri.StartsWith(proxied, StringComparison.Ordinal))
            return LocalArtifacts.AfterAuthority(uri[proxied.Length..]);
        var own = root.ToString();
        if (uri == own) return "";
        return uri.StartsWith(own + "/", StringComparison.Ordinal) ? uri[(own.Length + 1)..].Trim('/') : null;
    }

    public Task<ArtifactContent?> FindAsync(string path, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(Bucket, KeyOf(path), cancellationToken);
            return (ArtifactContent?)new S3Content(client, Bucket, KeyOf(path), found);
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    public Task WriteAsync(string path, Stream content, long? length, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            // So long that even the greatest number of parts suffices.
            var size = (int)Math.Clamp((length ?? 0) / (MaxParts - 1), PartSize, int.MaxValue / 2);
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                var filled = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, false, cancellationToken);
                if (filled == size) await WritePartsAsync(KeyOf(path), buffer, size, content, cancellationToken);
                else await client.PutObjectAsync(Request(buffer, filled), cancellationToken);
                return true;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            PutObjectRequest Request(byte[] bytes, int count) => new()
            {
                BucketName = Bucket,
                Key = KeyOf(path),
                InputStream = new MemoryStream(bytes, 0, count, writable: false),
                ContentType = ArtifactAnswer.TypeOf(ArtifactPath.NameOf(path)),
                UseChunkEncoding = false, // Amazon's own framing, which not every compatible server takes off
            };
        });

    public Task<IReadOnlyList<ArtifactEntry>> ListAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(async () =>
        {
            var prefix = FolderKeyOf(path);
            var entries = new List<ArtifactEntry>();
            await foreach (var page in PagesAsync(prefix, "/", cancellationToken))
            {
                foreach (var folder in page.CommonPrefixes ?? [])
                    entries.Add(new(folder[prefix.Length..].TrimEnd('/'), null));
                foreach (var item in page.S3Objects ?? [])
                {
                    // An object of the folder's own name is how some clients make empty folders.
                    if (item.Key.Length > prefix.Length) entries.Add(new(item.Key[prefix.Length..], item.Size ?? 0));
                }
            }

            return (IReadOnlyList<ArtifactEntry>)[.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        });

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        await client.DeleteObjectAsync(Bucket, KeyOf(path), cancellationToken);
        await foreach (var page in PagesAsync(FolderKeyOf(path), null, cancellationToken))
        {
            var keys = (page.S3Objects ?? []).ConvertAll(item => new KeyVersion { Key = item.Key });
            if (keys.Count == 0) continue;
            await client.DeleteObjectsAsync(
                new DeleteObjectsRequest { BucketName = Bucket, Objects = keys, Quiet = true }, cancellationToken);
        }

        return true;
    });

    public Task<MultipartUpload> CreateUploadAsync(
        string path, int parts, string server, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        var key = KeyOf(path);
        var upload = (await client.InitiateMultipartUploadAsync(Bucket, key, cancellationToken)).UploadId;
        var urls = new List<string>(parts);
        for (var number = 1; number <= parts; number++)
        {
            urls.Add(await client.GetPreSignedURLAsync(Link(key, HttpVerb.PUT, LinksLast, request =>
            {
                request.UploadId = upload;
                request.PartNumber = number;
            })));
        }

        return new MultipartUpload(upload, urls);
    });

    public Task CompleteUploadAsync(
        string path, string upload, IReadOnlyList<MultipartPart> parts, CancellationToken cancellationToken) =>
        CallAsync(() => client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = Bucket,
                Key = KeyOf(path),
                UploadId = upload,
                PartETags = [.. parts.OrderBy(part => part.Number).Select(part => new PartETag(part.Number, part.Tag))],
            },
            cancellationToken));

    public Task AbortUploadAsync(string path, string upload, CancellationToken cancellationToken) =>
        CallAsync(() => client.AbortMultipartUploadAsync(Bucket, KeyOf(path), upload, cancellationToken));

    public async Task<string?> PresignDownloadAsync(string path, CancellationToken cancellationToken) =>
        await CallAsync(() => client.GetPreSignedURLAsync(Link(KeyOf(path), HttpVerb.GET, LinksLast)));

    public async Task<string?> PresignUploadAsync(string path, TimeSpan expiry, CancellationToken cancellationToken) =>
        await CallAsync(() => client.GetPreSignedURLAsync(Link(KeyOf(path), HttpVerb.PUT, expiry)));

    public void Dispose() => client.Dispose();

    private async Task WritePartsAsync(
        string key, byte[] buffer, int size, Stream content, CancellationToken cancellationToken)
    {
        var upload = (await client.InitiateMultipartUploadAsync(Bucket, key, cancellationToken)).UploadId;
        try
        {
            var tags = new List<PartETag>();
            for (var filled = size; filled > 0;
                 filled = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, false, cancellationToken))
            {
                var part = await client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = Bucket,
                        Key = key,
                        UploadId = upload,
                        PartNumber = tags.Count + 1,
                        PartSize = filled,
                        InputStream = new MemoryStream(buffer, 0, filled, writable: false),
                        UseChunkEncoding = false,
                    },
                    cancellationToken);
                tags.Add(new PartETag(tags.Count + 1, part.ETag));
            }

            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = Bucket, Key = key, UploadId = upload, PartETags = tags,
                },
                cancellationToken);
        }
        catch
        {
            await GiveUpAsync(key, upload);
            throw;
        }
    }

    /// <summary>Lets the store forget parts, which would else be paid for without ever being seen.</summary>
    private async Task GiveUpAsync(string key, string upload)
    {
        try
        {
            await client.AbortMultipartUploadAsync(Bucket, key, upload, CancellationToken.None);
        }
        catch (Exception ex) when (ex is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            // The failure that led here is the one to tell.
        }
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(
        string prefix, string? delimiter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix, Delimiter = delimiter };
        do
        {
            var page = await client.ListObjectsV2Async(request, cancellationToken);
            yield return page;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (!string.IsNullOrEmpty(request.ContinuationToken));
    }

    private GetPreSignedUrlRequest Link(
        string key, HttpVerb verb, TimeSpan expiry, Action<GetPreSignedUrlRequest>? more = null)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = key,
            Verb = verb,
            Expires = TimeProvider.System.GetUtcNow().Add(expiry).UtcDateTime, // compared with the store's clock
            Protocol = client.Config.ServiceURL?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) == true
                ? Protocol.HTTP
                : Protocol.HTTPS,
        };
        more?.Invoke(request);
        return request;
    }

    private string KeyOf(string path) => ArtifactPath.Join(root.Prefix, path);

    private string FolderKeyOf(string path) => KeyOf(path) is { Length: > 0 } key ? key + "/" : "";

    /// <summary>Tells the store's failures in the terms of this program.</summary>
    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode == HttpStatusCode.NotFound)
        {
            throw GyreException.NotFound($"{root}: {ex.Message}");
        }
        catch (AmazonS3Exception ex) when (ex.StatusCode == HttpStatusCode.BadRequest)
        {
            throw GyreException.Invalid($"{root}: {ex.Message}");
        }
        catch (AmazonS3Exception ex) when (
            ex.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            // Trying again would not help.
            throw new RestException(RestErrors.NotImplemented, $"{root}: the store does not do that: {ex.Message}");
        }
        catch (Exception ex) when (ex is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new GyreException(ErrorCode.Unavailable, $"{root}: {ex.Message}", ex);
        }
    }
}

/// <summary>An object; read again only while it is the one that was found.</summary>
file sealed class S3Content(IAmazonS3 client, string bucket, string key, GetObjectMetadataResponse found)
    : ArtifactContent(
        found.ContentLength, new DateTimeOffset((found.LastModified ?? DateTime.UnixEpoch).ToUniversalTime()),
        found.ETag.Trim('"'))
{
    public override async Task CopyToAsync(
        Stream destination, long from, long count, CancellationToken cancellationToken)
    {
        if (count == 0) return;
        var request = new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = found.ETag };
        if (count < Length) request.ByteRange = new ByteRange(from, from + count - 1);
        using var response = await OpenAsync(request, cancellationToken);
        // Not every compatible server heeds the condition.
        if (response.ETag != found.ETag) throw Failed("it was replaced while it was read");
        await using var body = response.ResponseStream;
        await body.CopyToAsync(destination, 128 << 10, cancellationToken);
    }

    private async Task<GetObjectResponse> OpenAsync(GetObjectRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetObjectAsync(request, cancellationToken);
        }
        catch (Exception ex) when (ex is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw Failed(ex.Message, ex);
        }
    }

    private GyreException Failed(string reason, Exception? cause = null) =>
        new(ErrorCode.Unavailable, $"s3://{bucket}/{key}: {reason}", cause);
}
