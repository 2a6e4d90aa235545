using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>Finds images: the PNG files of a folder, and the labels that belong to IDX files.</summary>
internal static class ImageFiles
{
    /// <summary>
    /// The PNG files of a folder and of its sub-folders, whose names are the classes, in ordinal order of their paths;
    /// files in the folder itself have no class.
    /// </summary>
    /// <exception cref="GyreException">There are none.</exception>
    public static IEnumerable<SourceFile> OfFolder(string folder)
    {
        var options = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive };
        var files = Directory.EnumerateFiles(folder, "*.png", options)
            .Select(path => (Path: path, Class: (string?)null))
            .Concat(Directory.EnumerateDirectories(folder).SelectMany(sub =>
                Directory.EnumerateFiles(sub, "*.png", options).Select(path => (Path: path, Class: (string?)Path.GetFileName(sub)))))
            .OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => new SourceFile(f.Path, SourceFormat.Png, IsGzip: false)
            {
                Class = f.Class, Name = Path.GetRelativePath(folder, f.Path).Replace('\\', '/'),
            })
            .ToList();
        return files.Count > 0
            ? files
            : throw GyreException.Invalid(
                $"{folder}: is a folder without PNG images in it or in sub-folders; of other formats name files or a glob such as {Path.Combine(folder, "*.csv")}");
    }

    /// <summary>
    /// The labels of an IDX file: those named, or the file beside it that is named alike (`images` and `idx3` become
    /// `labels` and `idx1`); null when there are none.
    /// </summary>
    public static string? LabelsOf(string images, string? named)
    {
        if (named is not null) return named;
        var name = Path.GetFileName(images).Replace("images", "labels", StringComparison.Ordinal)
            .Replace("idx3", "idx1", StringComparison.Ordinal);
        var path = Path.Combine(Path.GetDirectoryName(images) ?? "", name);
        return path != images && File.Exists(path) ? path : null;
    }
}
