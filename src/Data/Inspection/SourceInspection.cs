using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>What was found in a source.</summary>
/// <param name="Schema">Inferred names and types; nullable where a value was missing.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">One profile per column, in schema order.</param>
/// <param name="Target">The column to predict, if named.</param>
/// <param name="Task">What predicting it means.</param>
/// <param name="PositiveClass">Binary: the class whose probability is predicted, as text.</param>
/// <param name="Time">The Timestamp column that orders the rows, if there is one.</param>
/// <param name="Contract">A contract that this data fulfils.</param>
/// <param name="Warnings">What hurts models.</param>
/// <param name="SuggestedFeatures">
/// The columns safe to learn from: not the target, no id, text, constant, raw time, nor what gives the target away. May be empty.
/// </param>
public sealed record SourceInspection(
    Schema Schema,
    long Rows,
    ImmutableArray<ColumnProfile> Columns,
    string? Target,
    TaskKind? Task,
    string? PositiveClass,
    string? Time,
    DataContract Contract,
    ImmutableArray<DataWarning> Warnings,
    ImmutableArray<string> SuggestedFeatures)
{
    /// <summary>Columns that only repeat what the time column says, such as a month: not to be watched for drift.</summary>
    public ImmutableArray<string> CalendarColumns { get; init; } = [];
}

/// <summary>What one column holds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its inferred type.</param>
/// <param name="Missing">Rows without a value.</param>
/// <param name="Distinct">Different values, the missing one not counted.</param>
/// <param name="Min">The least number, or time in µs since 1970 UTC; null for other types or no values.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Mean">The mean of Numeric and Integer columns.</param>
/// <param name="Values">All values of a string column of at most 50 different ones, in ordinal order; else empty.</param>
public sealed record ColumnProfile(
    string Name, ColumnType Type, long Missing, long Distinct, double? Min, double? Max, double? Mean,
    ImmutableArray<string> Values);

/// <summary>Something that hurts models.</summary>
/// <param name="Code">
/// `target-leakage`, `id-feature`, `constant-column`, `duplicate-rows`, `class-imbalance`, `time-gaps`, `missing-target`,
/// `mostly-missing`, `mixed-types`, `no-features`.
/// </param>
/// <param name="Column">The column it is about, or null when about rows or several columns.</param>
/// <param name="Message">One line.</param>
/// <param name="Columns">All columns it is about.</param>
public sealed record DataWarning(string Code, string? Column, string Message, ImmutableArray<string> Columns)
{
    internal static DataWarning About(string code, string column, string message) => new(code, column, message, [column]);
}
