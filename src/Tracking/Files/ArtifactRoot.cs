using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>Where artifacts are kept: a local folder, or <c>s3://bucket/prefix</c>.</summary>
public sealed record ArtifactRoot
{
    private const string S3 = "s3://";

    private ArtifactRoot(string? folder, string? bucket, string prefix) =>
        (Folder, Bucket, Prefix) = (folder, bucket, prefix);

    /// <summary>The folder, absolute; null for a bucket.</summary>
    public string? Folder { get; }

    /// <summary>The bucket of an S3-compatible store; null for a folder.</summary>
    public string? Bucket { get; }

    /// <summary>What the keys in the bucket begin with, without slashes at its ends; empty for nothing.</summary>
    public string Prefix { get; }

    /// <summary>A folder as the root.</summary>
    public static ArtifactRoot OfFolder(string path) => new(Path.GetFullPath(path), null, "");

    /// <summary>Reads a path, a <c>file:</c> address or <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="GyreException">It has another scheme, or names no bucket.</exception>
    public static ArtifactRoot Parse(string text)
    {
        if (text.StartsWith(S3, StringComparison.OrdinalIgnoreCase))
        {
            var parts = text[S3.Length..].Split('/', 2);
            var prefix = (parts.Length > 1 ? parts[1] : "").Trim('/');
            if (parts[0].Length > 0 && !prefix.Split('/').Any(part => part is "." or ".."))
                return new(null, parts[0], prefix);
        }
        else if (!text.Contains("://", StringComparison.Ordinal) && text.Length > 0)
        {
            return OfFolder(text);
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { IsFile: true, IsUnc: false })
        {
            return OfFolder(uri.LocalPath);
        }

        throw GyreException.Invalid($"'{text}' is no place for artifacts: a folder or s3://BUCKET/PREFIX.");
    }

    /// <summary>The folder, or the bucket's address.</summary>
    public override string ToString() => Folder ?? (Prefix.Length == 0 ? S3 + Bucket : $"{S3}{Bucket}/{Prefix}");
}
