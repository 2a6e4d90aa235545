using System.Text.RegularExpressions;
using Gyre.DuckDb;
using Gyre.Primitives;

namespace Gyre.Data.Sources;

/// <summary>Turns the engine's words about a bad file into one line: file, line, cause.</summary>
internal static partial class SourceError
{
    /// <summary>Runs <paramref name="read"/>; what the engine says against a file becomes an InvalidInput error about it.</summary>
    public static T Translate<T>(IReadOnlyList<SourceFile> files, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DuckDbException ex)
        {
            throw GyreException.Invalid(Describe(files, ex.EngineMessage), ex);
        }
    }

    private static string Describe(IReadOnlyList<SourceFile> files, string message)
    {
        var file = FileOf(files, message);
        var place = file?.Path ?? string.Join(", ", files.Select(f => f.Path));
        if (CsvPlace().Match(message) is { Success: true } csv)
            return $"{place}, line {csv.Groups["line"].Value}: {CsvCause(message)}";
        if (JsonPlace().Match(message) is { Success: true } json)
        {
            // The engine counts lines from 2 when it says "Malformed", from 1 in a "transform error".
            var line = long.Parse(json.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture);
            if (message.Contains("Malformed JSON", StringComparison.Ordinal)) line--;
            return $"{place}, line {Math.Max(1, line)}: bad JSON: {FirstLine(json.Groups["cause"].Value)}";
        }

        if (file is { Format: SourceFormat.Csv } && TextDefect.Find(file) is { } defect)
            return $"{place}, line {defect.Line}: {defect.Cause}";
        var cause = FirstLine(EngineKind().Replace(message, ""));
        return file is { Format: SourceFormat.Parquet } ? $"{place}: not a readable Parquet file: {cause}" : $"{place}: {cause}";
    }

    private static SourceFile? FileOf(IReadOnlyList<SourceFile> files, string message) =>
        files.Count == 1
            ? files[0]
            : files.Where(f => message.Contains(f.Path, StringComparison.Ordinal)).MaxBy(f => f.Path.Length);

    // "CSV Error on Line: 3 / Original Line: … / the cause / Possible fixes: …"
    private static string CsvCause(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.FirstOrDefault(l => l.StartsWith("Expected Number of Columns", StringComparison.Ordinal)) is { } ragged
            && ColumnCounts().Match(ragged) is { Success: true } counts)
            return $"{counts.Groups["found"].Value} fields where the header has {counts.Groups["expected"].Value}";
        if (message.Contains("unicode", StringComparison.Ordinal)) return "the text is not UTF-8";
        if (message.Contains("unterminated quote", StringComparison.Ordinal)) return "a quote is not closed";
        return lines.SkipWhile(l => !l.StartsWith("Original Line", StringComparison.Ordinal)).Skip(1).FirstOrDefault() ?? lines[0];
    }

    private static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "no reason given";

    [GeneratedRegex(@"CSV Error on Line: (?<line>\d+)")]
    private static partial Regex CsvPlace();

    [GeneratedRegex(@"in line (?<line>\d+): (?<cause>.*)", RegexOptions.Singleline)]
    private static partial Regex JsonPlace();

    [GeneratedRegex(@"Columns: (?<expected>\d+) Found: (?<found>\d+)")]
    private static partial Regex ColumnCounts();

    [GeneratedRegex(@"^[A-Za-z ]+ Error: ")]
    private static partial Regex EngineKind();
}
