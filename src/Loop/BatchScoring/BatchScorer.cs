using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Loop.Deployment;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// Scores files of any size with a registered version, on all cores and in bounded memory. Finished parts of the output stay
/// in `OUTPUT.parts/` until it is whole: after a kill the same request goes on behind the last of them.
/// </summary>
/// <param name="workspace">The workspace of the model.</param>
public sealed class BatchScorer(Workspace workspace)
{
    /// <summary>The ending of the folder beside an output that holds what is finished of it.</summary>
    public const string PartsSuffix = ".parts";

    /// <summary>The ending of the file beside an output that lists refused rows.</summary>
    public const string RefusedSuffix = ".refused.csv";

    /// <summary>Scores and writes; the output is there whole or not at all.</summary>
    /// <param name="request">What is scored and how it is written.</param>
    /// <param name="progress">Told of rows that are safe (<see cref="RowsScored"/>) and of what a person should know.</param>
    /// <param name="cancellationToken">Stops it; what is finished is kept.</param>
    /// <exception cref="GyreException">There is no such version; a file is damaged, lacks a column or, unless asked otherwise, has
    /// a row that breaks the schema; another process writes the same output; a file changed meanwhile.</exception>
    public Task<BatchResult> RunAsync(
        BatchRequest request, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.Run(() => Run(request, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Scores and writes CSV to a stream as it goes; nothing is kept to go on from.</summary>
    /// <param name="request">What is scored; its output and file of refused rows are not used.</param>
    /// <param name="output">Gets the header and the rows.</param>
    /// <param name="progress">Told of each refused row.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="GyreException">As <see cref="RunAsync"/>.</exception>
    public Task<BatchResult> StreamAsync(
        BatchRequest request, Stream output, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.Run(() => Stream(request, output, progress, cancellationToken), cancellationToken);
    }

    private BatchResult Run(BatchRequest request, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        var format = BatchOutput.FormatOf(request.Output);
        using var model = BatchModel.Load(workspace, request);
        using var rows = Open(request, model.Rows, cancellationToken);
        var output = BatchOutput.Create(request, format, rows, model.Rows);
        Directory.CreateDirectory(output.Folder);
        BatchResult result;
        using (var journal = BatchJournal.Open(output.JournalPath, model.IdentityOf(rows, output, request), request.OnError))
        {
            if (journal.Dropped is { } why) progress?.Report(new Remark($"{request.Output}: {why}; starting anew"));
            else if (journal.Rows > 0) progress?.Report(new Remark(string.Create(CultureInfo.InvariantCulture,
                $"{request.Output}: going on after row {journal.Rows:N0}")));
            output.RemoveStrangers(journal);
            var clock = workspace.Time.GetTimestamp();
            var resumed = journal.Rows;
            rows.SkipTo(resumed);
            Score(request, model.Rows, rows, output, journal, new BatchProgress(progress, rows, resumed, workspace.Time), cancellationToken);
            rows.Dispose(); // its engine's memory is for the merging now
            output.Commit(journal, cancellationToken);
            var seconds = workspace.Time.GetElapsedTime(clock).TotalSeconds;
            var refused = journal.Parts.Sum(p => p.Refused);
            result = new BatchResult(
                request.Output, model.Version.Model, model.Version.Version, journal.Rows, journal.Parts.Sum(p => p.Written), refused,
                refused == 0 ? null : output.RefusedPath, resumed, seconds, (journal.Rows - resumed) / Math.Max(seconds, 1e-9));
        }

        Directory.Delete(output.Folder, recursive: true);
        return result;
    }

    private void Score(
        BatchRequest request, IRowScorer scorer, RowStream rows, BatchOutput output, BatchJournal journal, BatchProgress progress,
        CancellationToken cancellationToken)
    {
        using var parts = new PartWriter(output.Folder, journal, output.PartColumns, request.OnError, workspace.Time);
        try
        {
            new ScoringPipeline(rows, scorer, request.OnError, request.Threads).Run(unit =>
            {
                Refuse(request, unit, canGoOn: true);
                parts.Add(unit);
                progress.Report(journal.Rows);
            }, cancellationToken);
        }
        finally
        {
            parts.Finish(); // also after Ctrl+C or a bad row: what is scored need not be scored again
        }

        progress.Report(journal.Rows);
        BatchOutput.RequireRows(request, journal.Rows);
        foreach (var file in rows.Files)
        {
            if (SourceFileStamp.Of(file.Path) != file)
                throw new GyreException(ErrorCode.Conflict, $"{file.Path}: has changed while it was read");
        }
    }

    private BatchResult Stream(
        BatchRequest request, Stream to, IProgress<LoopEvent>? progress, CancellationToken cancellationToken)
    {
        using var model = BatchModel.Load(workspace, request);
        using var rows = Open(request, model.Rows, cancellationToken);
        var columns = BatchOutput.ColumnsOf(rows, model.Rows);
        var output = BatchOutput.FileColumns(rows, model.Rows, text: true);
        var clock = workspace.Time.GetTimestamp();
        var (read, written, refused) = (0L, 0L, 0L);
        new ScoringPipeline(rows, model.Rows, request.OnError, request.Threads).Run(unit =>
        {
            Refuse(request, unit, canGoOn: false);
            foreach (var (row, reason) in unit.Refused)
                progress?.Report(new Remark(string.Create(CultureInfo.InvariantCulture, $"row {unit.FirstRow + row + 1}: {reason}")));
            using var table = new TableWriter(columns);
            table.Append(unit.Columns);
            table.CopyCsv(to, output, header: read == 0, cancellationToken);
            (read, written, refused) = (read + unit.Rows, written + table.Rows, refused + unit.Refused.Count);
        }, cancellationToken);
        BatchOutput.RequireRows(request, read);
        var seconds = workspace.Time.GetElapsedTime(clock).TotalSeconds;
        return new BatchResult(
            "-", model.Version.Model, model.Version.Version, read, written, refused, null, 0, seconds, read / Math.Max(seconds, 1e-9));
    }

    private static void Refuse(BatchRequest request, ScoredUnit unit, bool canGoOn)
    {
        if (request.OnError != RefusedRows.Fail || unit.Refused.Count == 0) return;
        var (row, reason) = unit.Refused[0];
        throw GyreException.Invalid(string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(", ", request.Files)}, row {unit.FirstRow + row + 1}: {reason}; --on-error skip or null goes on {(canGoOn ? "from there" : "past it")}"));
    }

    private static RowStream Open(BatchRequest request, IRowScorer scorer, CancellationToken cancellationToken) =>
        RowStream.Open(
            new SourceDefinition([.. request.Files.Select(Path.GetFullPath)]),
            BatchUnits.Of(request, scorer), cancellationToken);
}
