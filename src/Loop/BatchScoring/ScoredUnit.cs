using Gyre.Data;
using Gyre.Tabular;

namespace Gyre.Loop.BatchScoring;

/// <summary>A unit of rows with their answers.</summary>
/// <param name="FirstRow">The place of its first row in the input, from 0.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Columns">What is written: kept columns, then answers. Empty where rows are refused and that stops the run.</param>
/// <param name="Refused">Rows that break the schema, with the reason; rows from 0 within the unit.</param>
internal sealed record ScoredUnit(
    long FirstRow, int Rows, IReadOnlyList<Column> Columns, IReadOnlyList<(int Row, string Reason)> Refused)
{
    public static ScoredUnit Of(RowUnit unit, IRowScorer scorer, RefusedRows onError)
    {
        var rows = unit.Inputs.RowCount;
        if (unit.Faults.MissingCount == rows)
            return new ScoredUnit(unit.FirstRow, rows, [.. unit.Kept, .. scorer.Score(unit.Inputs)], []);
        var good = Enumerable.Range(0, rows).Where(unit.Faults.IsMissing).ToArray();
        var refused = Enumerable.Range(0, rows).Where(row => !unit.Faults.IsMissing(row))
            .Select(row => (row, unit.Faults.StringAt(row) ?? "")).ToList();
        var answers = scorer.Score(unit.Inputs.Take(good));
        IReadOnlyList<Column> columns = onError switch
        {
            RefusedRows.Skip => [.. unit.Kept.Select(c => c.Take(good)), .. answers],
            RefusedRows.Null => [.. unit.Kept, .. answers.Select(a => Spread(a, good, rows))],
            _ => [],
        };
        return new ScoredUnit(unit.FirstRow, rows, columns, refused);
    }

    /// <summary>The column with its values at other places; what is between is missing.</summary>
    private static Column Spread(Column column, int[] places, int rows)
    {
        if (column is CategoricalColumn text)
        {
            var codes = new int[rows];
            codes.AsSpan().Fill(CategoricalColumn.MissingCode);
            for (var i = 0; i < places.Length; i++) codes[places[i]] = text.Codes[i];
            return new CategoricalColumn(text.Name, text.Type, codes, [.. text.Categories]);
        }

        var numbers = new double[rows];
        numbers.AsSpan().Fill(double.NaN);
        for (var i = 0; i < places.Length; i++) numbers[places[i]] = ((Column<double>)column).Values[i]; // answers are numbers or text
        return new Column<double>(column.Name, column.Type, numbers);
    }
}
