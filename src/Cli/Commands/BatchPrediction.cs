using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Gyre.Cli.Demo;
using Gyre.Cli.Output;
using Gyre.Loop;
using Gyre.Loop.BatchScoring;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>What `gyre predict` takes for scoring files of any size without a server, and the doing of it.</summary>
internal sealed class BatchPrediction
{
    private const string StandardOutput = "-";
    private const string All = "all";

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Score here and write to this .parquet, .csv or .jsonl file (text also .gz behind it); - writes CSV to standard output.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _keep = new("--keep")
    {
        Description = "With -o: columns of the file to write beside the predictions, separated by commas, or `all`.", HelpName = "COLUMNS",
    };

    private readonly Option<RefusedRows> _onError = new("--on-error")
    {
        Description = "With -o: what becomes of rows that break the model's schema. fail stops there, skip leaves them out, null writes them without a prediction.",
    };

    private readonly Option<string?> _refused = new("--refused")
    {
        Description = "With -o: the CSV file that lists refused rows; by default the output's name with .refused.csv.", HelpName = "FILE",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "With -o: threads that score; by default all cores.", HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "With -o: print a summary as JSON; with --explain alone: one JSON line a row.",
    };

    private readonly Option<bool> _explain = new("--explain")
    {
        Description = "Show what each column added, without a server; with -o, write it beside the predictions.",
    };

    private readonly Option<int> _top = new("--top")
    {
        Description = "With --explain: the most columns to show of a row, the largest.", HelpName = "N",
        DefaultValueFactory = _ => 5,
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _output, _keep, _onError, _refused, _threads, _json, _explain, _top }) command.Add(option);
    }

    public bool IsAskedFor(ParseResult parsed) => parsed.GetValue(_output) is not null || parsed.GetValue(_explain);

    public async Task<int> RunAsync(
        ParseResult parsed, string folder, string? model, string[] files, long? limit, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_threads) < 1) throw GyreException.Invalid("--threads: at least 1");
        if (limit < 1) throw GyreException.Invalid("--limit: at least 1");
        var name = model ?? (await PipelineReader.ReadAsync(folder, cancellationToken)).Model;
        if (parsed.GetValue(_output) is null)
        {
            ExplainRows(folder, name, files, limit, parsed.GetValue(_json) ? null : parsed.GetValue(_top), cancellationToken);
            return 0;
        }

        var request = new BatchRequest(name, [.. files], parsed.GetValue(_output) ?? "")
        {
            Keep = Keep(parsed.GetValue(_keep)), OnError = parsed.GetValue(_onError), Limit = limit,
            Explain = parsed.GetValue(_explain), Threads = parsed.GetValue(_threads), RefusedFile = parsed.GetValue(_refused),
        };
        using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
        var result = await ScoreAsync(new BatchScorer(workspace), request, cancellationToken);
        var isPiped = request.Output == StandardOutput;
        (isPiped ? Console.Error : Console.Out).WriteLine(parsed.GetValue(_json)
            ? JsonSerializer.Serialize(Summary.Of(result), LoopJson.Indented)
            : BatchDisplay.Line(result));
        return 0;
    }

    private static void ExplainRows(
        string folder, string model, string[] files, long? limit, int? top, CancellationToken cancellationToken)
    {
        if (top < 1) throw GyreException.Invalid("--top: at least 1");
        using var workspace = Workspace.OpenExisting(folder, TimeProvider.System);
        using var rows = RowExplanations.Open(new VersionEvaluation(workspace).Find(model));
        foreach (var explanation in rows.Explain(files, limit, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (top is { } most) ReportTables.Print(explanation, most);
            else Console.WriteLine(JsonSerializer.Serialize(explanation, LoopJson.Compact));
        }
    }

    private static async Task<BatchResult> ScoreAsync(BatchScorer scorer, BatchRequest request, CancellationToken cancellationToken)
    {
        var display = new BatchDisplay();
        try
        {
            if (request.Output != StandardOutput) return await scorer.RunAsync(request, display, cancellationToken);
            await using var output = Console.OpenStandardOutput();
            return await scorer.StreamAsync(request, output, display, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && request.Output != StandardOutput)
        {
            display.Remark($"{request.Output}{BatchScorer.PartsSuffix} keeps what is done; the same command goes on");
            throw;
        }
        finally
        {
            display.End();
        }
    }

    private static ImmutableArray<string>? Keep(string? text) => text switch
    {
        null => [],
        All => null,
        _ => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
    };

    /// <summary>A result with what the process took.</summary>
    private sealed record Summary(
        string Output, string Model, int Version, long Rows, long Written, long Refused, string? RefusedFile, long Resumed,
        double Seconds, double RowsPerSecond, double PeakMemoryMegabytes)
    {
        public static Summary Of(BatchResult r) => new(
            r.Output, r.Model, r.Version, r.Rows, r.Written, r.Refused, r.RefusedFile, r.Resumed,
            Math.Round(r.Seconds, 3), Math.Round(r.RowsPerSecond), Math.Round(PeakMemory.Megabytes()));
    }
}
