using System.Text;
using System.Text.Json;
using Gyre.Primitives;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// What a run has finished, a line each: first what the run is of, then every part. A line counts when it is whole and its
/// files are there; it is on the device before the next part begins. One process at a time holds it.
/// </summary>
internal sealed class BatchJournal : IDisposable
{
    private readonly FileStream _file;
    private readonly List<FinishedPart> _parts = [];

    private BatchJournal(FileStream file) => _file = file;

    /// <summary>The parts, in their order.</summary>
    public IReadOnlyList<FinishedPart> Parts => _parts;

    /// <summary>Rows of the input that the parts hold.</summary>
    public long Rows => _parts.Sum(p => p.Rows);

    /// <summary>Why the parts of an earlier run were dropped; null when there were none or they are used.</summary>
    public string? Dropped { get; private set; }

    /// <summary>Opens the journal of a run, or begins it anew when it is of something else.</summary>
    /// <param name="path">The file.</param>
    /// <param name="identity">What the run is of.</param>
    /// <param name="onError">What becomes of rows that break the schema: parts that have such rows, dealt with in
    /// another way, do not count.</param>
    /// <exception cref="GyreException">Another process holds it, or it cannot be written.</exception>
    public static BatchJournal Open(string path, BatchIdentity identity, RefusedRows onError)
    {
        BatchJournal journal;
        try
        {
            journal = new BatchJournal(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error)
        {
            throw new GyreException(ErrorCode.Conflict, $"{path}: another run writes this output ({error.Message})", error);
        }

        try
        {
            journal.Load(identity, onError, Path.GetDirectoryName(path) ?? "");
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Records a part whose files are whole on the device.</summary>
    public void Add(FinishedPart part)
    {
        WriteLine(part);
        _parts.Add(part);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Load(BatchIdentity identity, RefusedRows onError, string folder)
    {
        var text = new byte[_file.Length];
        _file.ReadExactly(text);
        var lines = Encoding.UTF8.GetString(text).Split('\n');
        var whole = lines[..^1]; // what follows the last line end was cut off by a kill
        if (whole.Length > 0 && TryRead<BatchIdentity>(whole[0]) is var before && before != identity)
            Dropped = before?.DifferenceFrom(identity) ?? "its journal is damaged";
        var length = Encoding.UTF8.GetByteCount(whole.FirstOrDefault() ?? "") + 1;
        if (whole.Length == 0 || Dropped is not null)
        {
            _file.SetLength(0);
            WriteLine(identity);
            return;
        }

        foreach (var line in whole.Skip(1))
        {
            if (TryRead<FinishedPart>(line) is not { } part || !part.IsWhole(folder)
                || (part.Refused > 0 && part.OnError != onError)) break;
            _parts.Add(part);
            length += Encoding.UTF8.GetByteCount(line) + 1;
        }

        _file.SetLength(length);
        _file.Position = length;
    }

    private static T? TryRead<T>(string line) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, LoopJson.Compact);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void WriteLine<T>(T value)
    {
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(value, LoopJson.Compact));
        _file.WriteByte((byte)'\n');
        _file.Flush(flushToDisk: true);
    }
}

/// <summary>A part of an output: rows that follow each other.</summary>
/// <param name="File">Its Parquet file's name; empty when all its rows are left out.</param>
/// <param name="Bytes">That file's size.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Written">Rows in the file.</param>
/// <param name="Content">The bytes that those take in memory.</param>
/// <param name="RefusedFile">The name of the file that lists its refused rows; empty when there are none.</param>
/// <param name="RefusedBytes">That file's size.</param>
/// <param name="Refused">Its refused rows.</param>
/// <param name="OnError">What became of them.</param>
internal sealed record FinishedPart(
    string File, long Bytes, long Rows, long Written, long Content, string RefusedFile, long RefusedBytes,
    long Refused, RefusedRows OnError)
{
    public bool IsWhole(string folder) => Has(folder, File, Bytes) && Has(folder, RefusedFile, RefusedBytes);

    private static bool Has(string folder, string name, long bytes) =>
        name.Length == 0 || new FileInfo(Path.Combine(folder, name)) is { Exists: true } file && file.Length == bytes;
}
