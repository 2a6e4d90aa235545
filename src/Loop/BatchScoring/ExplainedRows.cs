using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Models;
using Gyre.Tabular;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// Beside predictions what made them: `base_value` and a `contribution_COLUMN` per column; of several classes
/// `base_value_CLASS` and `contribution_CLASS_COLUMN`. float64; they add up to the score, in the model's unit.
/// </summary>
internal sealed class ExplainedRows : IRowScorer
{
    private const string Double = "DOUBLE";

    private readonly IRowScorer _inner;
    private readonly ModelExplainer _explainer;

    public ExplainedRows(IRowScorer inner, ModelExplainer explainer)
    {
        (_inner, _explainer) = (inner, explainer);
        Columns = [.. inner.Columns, .. Names().Select((_, i) => new WrittenColumn(Part(i), ColumnType.Numeric))];
    }

    public Schema Inputs => _inner.Inputs;

    public ImmutableArray<string> Optional => _inner.Optional;

    public int RowsAtATime => _inner.RowsAtATime;

    public ImmutableArray<WrittenColumn> Columns { get; }

    public IReadOnlyList<Column> Score(Table rows)
    {
        // Units are scored on all cores already.
        var explained = _explainer.Explain(rows, threads: 1);
        var answers = new List<Column>(_inner.Score(rows));
        for (var output = 0; output < explained.Outputs; output++)
        {
            var start = new double[rows.RowCount];
            Array.Fill(start, explained.BaseValues[output]);
            Add(start);
            for (var c = 0; c < explained.Columns.Length; c++)
            {
                var values = new double[rows.RowCount];
                for (var row = 0; row < values.Length; row++) values[row] = explained.Of(row, output)[c];
                Add(values);
            }
        }

        return answers;

        void Add(double[] values) => answers.Add(new Column<double>(Part(0), ColumnType.Numeric, values));
    }

    public ImmutableArray<MergedColumn> Output(bool text) =>
        [.. _inner.Output(text), .. Names().Select((name, i) => MergedColumn.Of(Part(i), name, Double))];

    private IEnumerable<string> Names()
    {
        for (var output = 0; output < _explainer.BaseValues.Length; output++)
        {
            var of = _explainer.BaseValues.Length > 1 ? $"_{_explainer.Classes[output]}" : "";
            yield return $"base_value{of}";
            foreach (var column in _explainer.Columns) yield return $"contribution{of}_{column.Name}";
        }
    }

    private static string Part(int i) => string.Create(CultureInfo.InvariantCulture, $"e{i}");
}
