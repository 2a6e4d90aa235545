using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>PNG images of a folder as rows for `gyre predict`.</summary>
internal static class ImageRows
{
    /// <summary>Files of one request: their base64 must stay below the server's limit.</summary>
    public const int BatchFiles = 50;

    /// <summary>The files, in ordinal order, of a folder and its sub-folders, or the one; null when the path is no
    /// image.</summary>
    /// <exception cref="GyreException">It is a folder without PNG images.</exception>
    public static IReadOnlyList<string>? Find(string path, int? limit)
    {
        if (File.Exists(path) && path.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return [path];
        if (!Directory.Exists(path)) return null;
        var options = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive, RecurseSubdirectories = true };
        var files = Directory.EnumerateFiles(path, "*.png", options)
            .Order(StringComparer.Ordinal).Take(limit ?? int.MaxValue).ToList();
        return files.Count > 0 ? files : throw GyreException.Invalid($"{path}: there are no PNG images");
    }

    /// <summary>The model's image input.</summary>
    /// <exception cref="GyreException">It has none, or others beside it.</exception>
    public static string Input(IReadOnlyDictionary<string, string> inputs, string model) =>
        inputs.Count == 1 && inputs.Single() is { Value: "UINT8" } input
            ? input.Key
            : throw GyreException.Invalid($"{model}: does not predict from one image, it takes {string.Join(", ", inputs.Keys)}");

    /// <summary>A file in base64, as the server takes it.</summary>
    /// <exception cref="GyreException">It cannot be read.</exception>
    public static string Encode(string file)
    {
        try
        {
            return Convert.ToBase64String(File.ReadAllBytes(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw GyreException.Invalid($"{file}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
