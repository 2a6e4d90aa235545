using System.Text;
using Gyre.Tracking.Rest;

namespace Gyre.Tracking;

/// <summary>Paths of artifacts as clients send them, and the rules that keep them below their root.</summary>
internal static class ArtifactPath
{
    private const int MaxLength = 4096;
    private const int MaxPartBytes = 255;

    /// <summary>
    /// The path with slashes between its parts and none at its ends; empty for the root. Percent-escapes are decoded
    /// until none is left, as MLflow's server does, so that no escape hides a step upwards.
    /// </summary>
    /// <exception cref="RestException">It could lead out of the root, or no file can have that name.</exception>
    public static string Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (text.Length > MaxLength) throw Invalid();
        var path = Decode(text);
        if (path.StartsWith('/') || path.AsSpan().IndexOfAny('\\', '#') >= 0 || path.Any(char.IsControl))
            throw Invalid();
        var parts = path.Split('/').Where(part => part is not ("" or ".")).ToList();
        if (parts.Any(part => part == ".." || Encoding.UTF8.GetByteCount(part) > MaxPartBytes)) throw Invalid();
        path = string.Join('/', parts);
        return HasDriveOrScheme(path) ? throw Invalid() : path;
    }

    /// <summary>As <see cref="Parse"/>, for a path that must name something below the root.</summary>
    /// <exception cref="RestException">It names nothing, or is not allowed.</exception>
    public static string ParseFile(string? text) => Parse(text) is { Length: > 0 } path ? path : throw Invalid();

    /// <summary>Decodes percent-escapes until none is left.</summary>
    public static string Decode(string text)
    {
        while (text.Contains('%'))
        {
            var decoded = Uri.UnescapeDataString(text);
            if (decoded == text) return text;
            text = decoded;
        }

        return text;
    }

    public static string Join(string folder, string name) =>
        folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    /// <summary>The last part.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool HasDriveOrScheme(string path) =>
        (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))
        || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    private static RestException Invalid() => RestException.Parameter("Invalid path");
}
