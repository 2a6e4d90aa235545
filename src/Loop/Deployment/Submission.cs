using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gyre.Data;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;

namespace Gyre.Loop.Deployment;

/// <summary>
/// Predictions of a registered version for the rows of a file, one line a row under an id: what competitions take. Of a
/// recommender, each row's user and the recommended items, joined by spaces.
/// </summary>
/// <param name="workspace">The workspace of the model.</param>
public sealed class Submission(Workspace workspace)
{
    private const int BatchRows = 20_000;
    private const string RowNumber = "id";
    private const string Items = "items";

    /// <summary>Writes the file; it is there whole or not at all.</summary>
    /// <param name="request">What is scored and how it is written.</param>
    /// <param name="progress">Told the rows done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="GyreException">There is no such version, or the file lacks a column or has a value of another type.</exception>
    public async Task<SubmissionResult> WriteAsync(
        SubmissionRequest request, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var version = request.Version is { } number
            ? workspace.Registry.Get(request.Model, number)
            : workspace.Registry.GetByAlias(request.Model, ModelAliases.Champion)
                ?? throw GyreException.NotFound($"{request.Model}: there is no champion yet; try `gyre run`");
        using var scorer = ModelScorer.Load(version.Folder);
        var source = new SourceDefinition([Path.GetFullPath(request.File)]);
        var (id, rows) = Read(request, source, scorer, cancellationToken);
        var text = new StringBuilder();
        AppendLine(text, [id ?? RowNumber, .. Header(request, scorer)]);
        for (var from = 0; from < rows.RowCount; from += BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = Enumerable.Range(from, Math.Min(BatchRows, rows.RowCount - from)).ToArray();
            AppendBatch(text, scorer, rows.Take(batch), id, from, request.Probabilities);
            progress?.Report(from + batch.Length);
        }

        await DurableFile.WriteTextAsync(Path.GetFullPath(request.Output), text.ToString(), cancellationToken);
        return new SubmissionResult(request.Model, version.Version, rows.RowCount, request.Output);
    }

    private static (string? Id, Table Rows) Read(
        SubmissionRequest request, SourceDefinition source, ModelScorer scorer, CancellationToken cancellationToken)
    {
        if (scorer.Task == TaskKind.Recommendation)
        {
            var user = UserRows.ColumnOf(scorer);
            return request.Id is null || request.Id == user
                ? (user, UserRows.Read(source, scorer, cancellationToken))
                : throw GyreException.Invalid($"Lists are for users, which '{user}' names; '{request.Id}' cannot.");
        }

        var id = request.Id ?? FirstUnread(source, scorer.Inputs, cancellationToken);
        var schema = new Schema([.. scorer.Inputs, .. id is null || scorer.Inputs.Contains(id) ? [] : IdOf(id)]);
        return (id, SourceReader.ReadAs(source, schema, cancellationToken));
    }

    private static ImmutableArray<string> Header(SubmissionRequest request, ModelScorer scorer)
    {
        if (scorer.Task != TaskKind.Recommendation)
        {
            return request.Probabilities && scorer.Task == TaskKind.Multiclass
                ? scorer.Classes : [request.Column ?? scorer.TargetName];
        }

        if (request.Probabilities) throw GyreException.Invalid("Recommenders have no probabilities.");
        return [request.Column ?? Items];
    }

    private static ColumnDefinition[] IdOf(string name) => [new ColumnDefinition(name, ColumnType.Id)];

    /// <summary>The file's first column, when the model does not read it.</summary>
    private static string? FirstUnread(SourceDefinition source, Schema inputs, CancellationToken cancellationToken)
    {
        var columns = SourceReader.Read(source, limit: 1, cancellationToken).Schema;
        return columns.Count > 0 && !inputs.Contains(columns[0].Name) ? columns[0].Name : null;
    }

    private static void AppendBatch(
        StringBuilder text, ModelScorer scorer, Table batch, string? id, int from, bool probabilities)
    {
        var scores = scorer.Score(batch.Select(scorer.Inputs.Select(c => c.Name)));
        for (var row = 0; row < batch.RowCount; row++)
        {
            var name = id is null ? Show(from + row) : Convert.ToString(batch[id].ValueAt(row), CultureInfo.InvariantCulture) ?? "";
            AppendLine(text, [name, .. Answer(scorer, scores, row, probabilities)]);
        }
    }

    private static IEnumerable<string> Answer(ModelScorer scorer, Scores scores, int row, bool probabilities)
    {
        var values = scores.Predictions.Values.Slice(row * scores.Predictions.Outputs, scores.Predictions.Outputs);
        if (scores.Recommendations is { } lists)
            return [string.Join(' ', lists.ItemsOf(row).ToArray().Where(item => item.Length > 0))];
        if (scorer.Task != TaskKind.Regression && !probabilities) return [scores.LabelAt(row)];
        return Array.ConvertAll(values.ToArray(), value => Show((float)value));
    }

    private static string Show(IFormattable value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Show(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void AppendLine(StringBuilder text, IEnumerable<string> fields) =>
        text.AppendJoin(',', fields.Select(Quote)).Append('\n');

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}

/// <summary>What is scored and how it is written.</summary>
/// <param name="Model">The registered model.</param>
/// <param name="File">CSV, Parquet or JSON lines with the model's inputs.</param>
/// <param name="Output">The CSV file to write.</param>
public sealed record SubmissionRequest(string Model, string File, string Output)
{
    /// <summary>The version; null for the champion.</summary>
    public int? Version { get; init; }

    /// <summary>The column that names rows; null for the file's first one when the model does not read it, else rows are
    /// numbered from 0; of a recommender, null for the user's.</summary>
    public string? Id { get; init; }

    /// <summary>The header of the predictions; null for the target's name, or `items` of a recommender.</summary>
    public string? Column { get; init; }

    /// <summary>For classes: the probability of the positive one, or of each, instead of the label.</summary>
    public bool Probabilities { get; init; }
}

/// <summary>What was written.</summary>
/// <param name="Model">The registered model.</param>
/// <param name="Version">The version that scored.</param>
/// <param name="Rows">Lines beneath the header.</param>
/// <param name="Output">The file.</param>
public sealed record SubmissionResult(string Model, int Version, int Rows, string Output);
