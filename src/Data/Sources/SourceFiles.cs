using System.Collections.Immutable;
using Gyre.Data.Sql;
using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>Finds the files that a source names.</summary>
internal static class SourceFiles
{
    private static readonly char[] _globCharacters = ['*', '?', '['];

    /// <summary>The files, in the order of the paths; a glob's in ordinal order.</summary>
    /// <exception cref="GyreException">A file is absent or empty, or a glob matches nothing.</exception>
    public static ImmutableArray<SourceFile> Resolve(SqlEngine engine, SourceDefinition source)
    {
        if (source.Paths.IsDefaultOrEmpty) throw GyreException.Invalid("source: no file is named");
        if (!source.Labels.IsEmpty && source.Labels.Length != source.Paths.Length)
            throw GyreException.Invalid($"source: {source.Labels.Length} files of labels for {source.Paths.Length} of images");
        ImmutableArray<SourceFile> files = [.. source.Paths.SelectMany((path, i) => Open(engine, source, path, i))];
        if (files.FirstOrDefault(f => f.IsImages != files[0].IsImages) is { } other)
            throw GyreException.Invalid($"{other.Path}: images and rows cannot be one source");
        return files;
    }

    /// <summary>A path that the engine takes as this one file, whatever characters it holds.</summary>
    public static string Escape(string path) => string.Concat(
        path.Select(c => _globCharacters.Contains(c) ? $"[{c}]" : c.ToString()));

    private static IEnumerable<SourceFile> Open(SqlEngine engine, SourceDefinition source, string path, int index)
    {
        if (Directory.Exists(path) && source.Format is SourceFormat.Auto or SourceFormat.Png) return ImageFiles.OfFolder(path);
        return Expand(engine, path).Select(found => SourceFile.Open(found, source.Format)).Select(file =>
            file.Format != SourceFormat.Idx ? file : file with
            {
                Labels = ImageFiles.LabelsOf(file.Path, source.Labels.IsEmpty ? null : source.Labels[index]),
            });
    }

    private static IEnumerable<string> Expand(SqlEngine engine, string path)
    {
        if (File.Exists(path) || path.IndexOfAny(_globCharacters) < 0) return [path];
        var found = engine.Query($"SELECT file FROM glob({SqlText.Literal(path)})");
        if (found.RowCount == 0) throw GyreException.Invalid($"{path}: the glob matches no file");
        return Enumerable.Range(0, found.RowCount)
            .Select(row => (string)found.Columns[0].ValueAt(row)!) // glob() never yields NULL
            .Order(StringComparer.Ordinal);
    }
}
