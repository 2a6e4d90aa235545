using System.Globalization;
using Gyre.Data;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>Explains rows of files exactly, from a version's own package, without a server. Not thread-safe.</summary>
public sealed class RowExplanations : IDisposable
{
    private const int BatchRows = 500;

    private readonly ModelVersion _version;
    private readonly ModelScorer _scorer;
    private readonly ModelExplainer _explainer;

    private RowExplanations(ModelVersion version, ModelScorer scorer, ModelExplainer explainer) =>
        (_version, _scorer, _explainer) = (version, scorer, explainer);

    /// <summary>Loads a version.</summary>
    /// <exception cref="GyreException">It has no explanation, and says why, or cannot be read.</exception>
    public static RowExplanations Open(ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var explainer = ModelExplainer.Load(version.Folder);
        try
        {
            return new RowExplanations(version, ModelScorer.Load(version.Folder), explainer);
        }
        catch
        {
            explainer.Dispose();
            throw;
        }
    }

    /// <summary>Explains the rows of files, in their order.</summary>
    /// <param name="files">CSV, Parquet or JSON lines with the model's inputs.</param>
    /// <param name="limit">Only so many rows; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="GyreException">A file lacks an input, or a value is of another type.</exception>
    public IEnumerable<VersionExplanation> Explain(
        IEnumerable<string> files, long? limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var source = new SourceDefinition([.. files.Select(Path.GetFullPath)]);
        var rows = SourceReader.ReadAs(source, _scorer.Inputs, cancellationToken);
        var count = (int)Math.Min(rows.RowCount, limit ?? int.MaxValue);
        for (var start = 0; start < count; start += BatchRows)
        {
            int[] batch = [.. Enumerable.Range(start, Math.Min(BatchRows, count - start))];
            foreach (var explanation in Explain(rows.Take(batch), start, cancellationToken)) yield return explanation;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scorer.Dispose();
        _explainer.Dispose();
    }

    /// <summary>Explains every row; of several classes, the score of the one that is predicted.</summary>
    internal IEnumerable<VersionExplanation> Explain(Table rows, int first, CancellationToken cancellationToken)
    {
        var predictions = _scorer.Score(rows).Predictions;
        var contributions = _explainer.Explain(rows, Environment.ProcessorCount, cancellationToken);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var output = contributions.Outputs > 1 ? predictions.ClassAt(row) : 0;
            var values = contributions.Of(row, output).ToArray();
            yield return new VersionExplanation(_version.Model, _version.Version,
                contributions.Outputs > 1 ? $"{_explainer.Unit}, here {_scorer.Classes[output]}" : _explainer.Unit,
                contributions.BaseValues[output], contributions.Score(row, output),
                [
                    .. _explainer.Columns.Select((column, c) => Of(column, rows, row, values[c]))
                        .OrderByDescending(c => Math.Abs(c.Contribution)),
                ])
            {
                Method = _explainer.Method, Row = first + row, Answer = Answer(predictions, row),
            };
        }
    }

    private static ColumnContribution Of(ExplainedColumn column, Table rows, int row, double contribution) => new(
        column.Name, column.IsRaw ? Convert.ToString(rows[column.Name].ValueAt(row), CultureInfo.InvariantCulture) : null,
        contribution, 0) { From = column.Sources };

    private string Answer(Predictions predictions, int row)
    {
        var values = predictions.Values.Slice(row * predictions.Outputs, predictions.Outputs);
        if (_scorer.Classes.IsEmpty) return values[0].ToString("0.####", CultureInfo.InvariantCulture);
        var at = predictions.ClassAt(row);
        var probability = predictions.Outputs > 1 ? values[at] : at == 1 ? values[0] : 1 - values[0];
        return string.Create(CultureInfo.InvariantCulture, $"{_scorer.Classes[at]} (probability {probability:0.####})");
    }
}
