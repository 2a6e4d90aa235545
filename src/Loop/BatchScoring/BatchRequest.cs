using System.Collections.Immutable;

namespace Gyre.Loop.BatchScoring;

/// <summary>What is scored, by what, and where to.</summary>
/// <param name="Model">`MODEL`, `MODEL@ALIAS`, `MODEL@VERSION` or `MODEL/VERSION`; without either the champion.</param>
/// <param name="Files">CSV (also gzip), Parquet or JSON lines, or globs of them; read in this order.</param>
/// <param name="Output">A file that ends in `.parquet`, `.csv`, `.jsonl` or, of text, `.gz` behind it.</param>
public sealed record BatchRequest(string Model, ImmutableArray<string> Files, string Output)
{
    /// <summary>The columns of the files to write beside the predictions, in this order; null writes all. Default: none.</summary>
    public ImmutableArray<string>? Keep { get; init; } = [];

    /// <summary>What becomes of rows that break the model's schema. Default: they stop the run.</summary>
    public RefusedRows OnError { get; init; }

    /// <summary>Whether what every column added is written too. Default: no.</summary>
    public bool Explain { get; init; }

    /// <summary>Only so many rows; null for all.</summary>
    public long? Limit { get; init; }

    /// <summary>Threads that score, at least 1; default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The CSV file of refused rows (`row` from 1, `reason`); null for the output's name with `.refused.csv`.</summary>
    public string? RefusedFile { get; init; }
}

/// <summary>What becomes of rows that break the model's schema.</summary>
public enum RefusedRows
{
    /// <summary>The first one stops the run; the rows before it are kept for the next.</summary>
    Fail,

    /// <summary>They are left out.</summary>
    Skip,

    /// <summary>They are written without a prediction.</summary>
    Null,
}

/// <summary>What was written.</summary>
/// <param name="Output">The file.</param>
/// <param name="Model">The model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Written">Rows of the output.</param>
/// <param name="Refused">Rows that broke the schema.</param>
/// <param name="RefusedFile">Where they are listed; null when there is none.</param>
/// <param name="Resumed">Rows that an earlier run had done.</param>
/// <param name="Seconds">The time of this run.</param>
/// <param name="RowsPerSecond">Rows of this run per second, all included.</param>
public sealed record BatchResult(
    string Output, string Model, int Version, long Rows, long Written, long Refused, string? RefusedFile, long Resumed,
    double Seconds, double RowsPerSecond);
