using System.Collections.Immutable;
using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// What turns rows into columns of answers: the seam for other kinds of models, and for what is written beside a prediction.
/// Thread-safe.
/// </summary>
internal interface IRowScorer
{
    /// <summary>The columns that it reads.</summary>
    Schema Inputs { get; }

    /// <summary>Of <see cref="Inputs"/>, those that a file may lack.</summary>
    ImmutableArray<string> Optional { get; }

    /// <summary>How many rows it scores at a time: tables cut at multiples of it score as one table does.</summary>
    int RowsAtATime { get; }

    /// <summary>The columns that it gives, under names that tell them apart.</summary>
    ImmutableArray<WrittenColumn> Columns { get; }

    /// <summary>Scores rows.</summary>
    /// <returns>Columns as <see cref="Columns"/> says, each of as many rows.</returns>
    IReadOnlyList<Column> Score(Table rows);

    /// <summary>The columns of the file that is written, over <see cref="Columns"/>.</summary>
    /// <param name="text">Whether lists have to be one text.</param>
    ImmutableArray<MergedColumn> Output(bool text);
}
