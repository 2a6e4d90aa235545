using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Primitives;

namespace Gyre.Loop.BatchScoring;

/// <summary>Where an output and what belongs to it lie, and what its columns are.</summary>
internal sealed record BatchOutput(
    string Path, SourceFormat Format, string RefusedPath, ImmutableArray<WrittenColumn> PartColumns,
    ImmutableArray<MergedColumn> FileColumnsWanted)
{
    private const string JournalFile = "journal.jsonl";
    private const string Merged = "merged";

    /// <summary>What is finished of it.</summary>
    public string Folder => Path + BatchScorer.PartsSuffix;

    public string JournalPath => System.IO.Path.Combine(Folder, JournalFile);

    /// <exception cref="GyreException">The name's ending says no format.</exception>
    public static SourceFormat FormatOf(string output)
    {
        var name = output.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? output[..^3] : output;
        return System.IO.Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".parquet" or ".pq" when name == output => SourceFormat.Parquet,
            ".csv" => SourceFormat.Csv,
            ".jsonl" or ".ndjson" => SourceFormat.JsonLines,
            _ => throw GyreException.Invalid($"{output}: the name must end in .parquet, .csv or .jsonl (text also in .gz behind it)"),
        };
    }

    public static BatchOutput Create(BatchRequest request, SourceFormat format, RowStream rows, IRowScorer scorer)
    {
        var path = System.IO.Path.GetFullPath(request.Output);
        if (rows.Files.FirstOrDefault(f => f.Path == path) is not null)
            throw GyreException.Invalid($"{request.Output}: the output is one of the files to be read");
        if (Directory.Exists(path)) throw GyreException.Invalid($"{request.Output}: is a folder");
        return new BatchOutput(
            path, format, request.RefusedFile is { } refused ? System.IO.Path.GetFullPath(refused) : path + BatchScorer.RefusedSuffix,
            ColumnsOf(rows, scorer), FileColumns(rows, scorer, text: format == SourceFormat.Csv));
    }

    /// <summary>The columns of parts: kept ones `k0`…, then the scorer's.</summary>
    public static ImmutableArray<WrittenColumn> ColumnsOf(RowStream rows, IRowScorer scorer) =>
        [.. rows.Kept.Select((k, i) => new WrittenColumn(KeptName(i), k.Type)), .. scorer.Columns];

    /// <summary>The columns of the file.</summary>
    /// <exception cref="GyreException">A kept column has the name of an answer's.</exception>
    public static ImmutableArray<MergedColumn> FileColumns(RowStream rows, IRowScorer scorer, bool text)
    {
        ImmutableArray<MergedColumn> columns =
            [.. rows.Kept.Select((k, i) => MergedColumn.Of(KeptName(i), k.Name, k.SqlType)), .. scorer.Output(text)];
        var clash = columns.GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        return clash is null
            ? columns
            : throw GyreException.Invalid($"column '{clash.First().Name}' cannot be kept: an answer has its name; name the columns to keep with --keep");
    }

    public static void RequireRows(BatchRequest request, long rows)
    {
        if (rows == 0) throw GyreException.Invalid($"{string.Join(", ", request.Files)}: no rows");
    }

    /// <summary>Removes what a killed run left half done, and parts that are not used.</summary>
    public void RemoveStrangers(BatchJournal journal)
    {
        var known = journal.Parts.SelectMany(p => new[] { p.File, p.RefusedFile }).Append(JournalFile).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Folder))
        {
            if (!known.Contains(System.IO.Path.GetFileName(file))) File.Delete(file);
        }
    }

    /// <summary>Makes the file and the list of refused rows of the parts; both appear whole, the file last.</summary>
    public void Commit(BatchJournal journal, CancellationToken cancellationToken)
    {
        var merged = System.IO.Path.Combine(Folder, Merged);
        var refused = journal.Parts.Where(p => p.Refused > 0).Select(p => System.IO.Path.Combine(Folder, p.RefusedFile)).ToImmutableArray();
        File.Delete(RefusedPath); // one of an earlier run would mislead
        if (!refused.IsEmpty)
        {
            ImmutableArray<MergedColumn> columns = [MergedColumn.Of("row", "row"), MergedColumn.Of("reason", "reason")];
            ParquetParts.Merge(refused, columns, merged, SourceFormat.Csv, rowBytes: 0, cancellationToken);
            File.Move(merged, RefusedPath, overwrite: true);
        }

        if (Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) merged += ".gz";
        var rowBytes = journal.Parts.Sum(p => p.Content) / Math.Max(journal.Parts.Sum(p => p.Written), 1);
        ParquetParts.Merge(
            [.. journal.Parts.Select(p => System.IO.Path.Combine(Folder, p.File))], FileColumnsWanted, merged, Format, rowBytes,
            cancellationToken);
        File.Move(merged, Path, overwrite: true);
    }

    private static string KeptName(int i) => string.Create(CultureInfo.InvariantCulture, $"k{i}");
}
