using System.Globalization;
using System.Security.Cryptography;
using Gyre.Primitives;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking;

/// <summary>
/// Uploads in parts to a local folder. A part is a file <c>number-hash</c> in the upload's folder; the id of an upload
/// is random, so that knowing a part's address is the permission to write it.
/// </summary>
internal sealed class LocalUploads(UploadFolder uploads, Func<string, string> pathOf)
{
    /// <summary>As in S3.</summary>
    public const int MaxParts = 10_000;

    /// <summary>The address of parts below <c>/api/</c>.</summary>
    public const string PartRoute = "2.0/mlflow-artifacts/mpu/parts";

    private const string Target = "target";

    public async Task<MultipartUpload> CreateAsync(
        string path, int parts, string server, CancellationToken cancellationToken)
    {
        pathOf(path); // refuses what could not be completed
        var id = UploadFolder.NewId();
        var folder = Directory.CreateDirectory(uploads.FolderOf(id)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, Target), path, cancellationToken);
        return new MultipartUpload(
            id, [.. Enumerable.Range(1, parts).Select(number => $"{server}/api/{PartRoute}/{id}/{number}")]);
    }

    /// <summary>Receives a part, replacing one of that number.</summary>
    /// <returns>Its ETag, without quotes.</returns>
    /// <exception cref="GyreException">There is no such upload, or no such number.</exception>
    public async Task<string> WritePartAsync(
        string upload, int number, Stream content, CancellationToken cancellationToken)
    {
        if (number is < 1 or > MaxParts)
            throw RestException.Parameter($"Invalid part number {number}: 1 to {MaxParts} are allowed.");
        var folder = Find(upload);
        var temporary = uploads.NewFile();
        try
        {
            var tag = await WriteAsync(temporary, content, cancellationToken);
            var former = Directory.GetFiles(folder, $"{number}-*");
            var part = PartOf(folder, number, tag);
            File.Move(temporary, part, overwrite: true);
            foreach (var other in former.Where(other => other != part)) File.Delete(other);
            return tag;
        }
        catch (DirectoryNotFoundException)
        {
            throw NotFound(upload); // given up meanwhile
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async Task CompleteAsync(
        string path, string upload, IReadOnlyList<MultipartPart> parts, CancellationToken cancellationToken)
    {
        var folder = Find(upload, path);
        var files = parts.OrderBy(part => part.Number)
            .Select(part => PartOf(folder, part.Number, part.Tag.Trim('"'))).ToList();
        if (files.Count == 0 || files.Distinct().Count() != files.Count)
            throw RestException.Parameter("Invalid parts: each part must be named once.");
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } absent)
        {
            throw RestException.Parameter(
                $"Invalid parts: part {Path.GetFileName(absent).Split('-')[0]} was not received with that ETag.");
        }

        var temporary = uploads.NewFile();
        try
        {
            await using (var whole = UploadFolder.Create(temporary))
            {
                foreach (var file in files)
                {
                    await using var part = File.OpenRead(file);
                    await part.CopyToAsync(whole, UploadFolder.BufferSize, cancellationToken);
                }

                whole.Flush(flushToDisk: true);
            }

            LocalArtifacts.Publish(temporary, pathOf(path), path);
        }
        finally
        {
            File.Delete(temporary);
        }

        Directory.Delete(folder, recursive: true);
    }

    public void Abort(string path, string upload) => Directory.Delete(Find(upload, path), recursive: true);

    private static async Task<string> WriteAsync(string file, Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = UploadFolder.Create(file);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(UploadFolder.BufferSize);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                hash.AppendData(buffer, 0, read);
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        stream.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The folder of an upload, whose id must be one that could have been given out.</summary>
    private string Find(string upload, string? path = null)
    {
        if (upload.Length != 32 || !upload.All(char.IsAsciiHexDigitLower)) throw NotFound(upload);
        var folder = uploads.FolderOf(upload);
        var target = Path.Combine(folder, Target);
        if (!File.Exists(target) || (path is not null && File.ReadAllText(target) != path)) throw NotFound(upload);
        return folder;
    }

    private static string PartOf(string folder, int number, string tag)
    {
        if (!tag.All(char.IsAsciiHexDigitLower))
            throw RestException.Parameter($"Invalid parts: '{tag}' is not an ETag of this server.");
        return Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number}-{tag}"));
    }

    private static GyreException NotFound(string upload) =>
        GyreException.NotFound($"There is no multipart upload '{upload}' of that path.");
}
