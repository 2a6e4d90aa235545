using System.Globalization;
using Gyre.Loop;
using Gyre.Loop.BatchScoring;

namespace Gyre.Cli.Output;

/// <summary>
/// Shows on standard error how far batch scoring is: one line that is written over, on a terminal; remarks everywhere.
/// </summary>
internal sealed class BatchDisplay : IProgress<LoopEvent>
{
    private readonly Lock _lock = new();
    private int _width;

    /// <inheritdoc/>
    public void Report(LoopEvent value)
    {
        if (value is Remark remark) Remark(remark.Message);
        else if (value is RowsScored rows && !Console.IsErrorRedirected) Overwrite(LineOf(rows));
    }

    /// <summary>A line that stays.</summary>
    public void Remark(string message)
    {
        lock (_lock)
        {
            Clear();
            Console.Error.WriteLine(message);
        }
    }

    /// <summary>Removes the line that is written over.</summary>
    public void End()
    {
        lock (_lock) Clear();
    }

    /// <summary>How a run ended, for people.</summary>
    public static string Line(BatchResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{result.Output}: {result.Written:N0} rows by {result.Model} version {result.Version}, {result.RowsPerSecond:N0} rows/s")
        + (result.Refused == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"; {result.Refused:N0} rows break the schema{(result.RefusedFile is { } file ? $", see {file}" : "")}"));

    /// <summary>Rows, share, speed, time left.</summary>
    internal static string LineOf(RowsScored rows)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{rows.Rows:N0} rows, {rows.PerSecond:N0} rows/s");
        if (rows.Total is not { } total || total <= 0 || rows.PerSecond <= 0) return line;
        var left = TimeSpan.FromSeconds(Math.Max(0, (total - rows.Rows) / rows.PerSecond));
        return line + string.Create(CultureInfo.InvariantCulture,
            $", {Math.Min(100, 100.0 * rows.Rows / total):0} % of about {total:N0}, {(long)left.TotalMinutes}:{left.Seconds:00} left");
    }

    private void Overwrite(string line)
    {
        lock (_lock)
        {
            Console.Error.Write($"\r{line.PadRight(_width)}");
            _width = line.Length;
        }
    }

    private void Clear()
    {
        if (_width > 0) Console.Error.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }
}
