using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Models;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.BatchScoring;

/// <summary>
/// Gyre's models: `prediction` of a regression; `label` and a `probability_CLASS` per class of a classifier; lists of `items`
/// and `scores` of a recommender, and `prediction` where it predicts ratings.
/// </summary>
internal sealed class ModelRows : IRowScorer
{
    private const string Prediction = "prediction";
    private const string Label = "label";
    private const string Float = "FLOAT"; // what models give
    private readonly ModelScorer _scorer;

    public ModelRows(ModelScorer scorer)
    {
        _scorer = scorer;
        Columns = scorer switch
        {
            { Task: TaskKind.Recommendation } => OfLists(scorer),
            { Classes.IsEmpty: true } => [new WrittenColumn(Prediction, ColumnType.Numeric)],
            _ => [new WrittenColumn(Label, ColumnType.Categorical), .. Enumerable.Range(0, scorer.Classes.Length).Select(Number)],
        };
    }

    public Schema Inputs => _scorer.Inputs;

    public ImmutableArray<string> Optional => _scorer.RatedItem is { } item ? [item] : [];

    public int RowsAtATime => _scorer.RowsAtATime;

    public ImmutableArray<WrittenColumn> Columns { get; }

    public IReadOnlyList<Column> Score(Table rows)
    {
        var scores = _scorer.Score(rows);
        if (scores.Recommendations is { } lists) return Lists(lists);
        if (scores.Classes.IsEmpty) return [Every(1, 0, scores.Outputs.Span)];
        var width = scores.Classes.Length;
        var labels = new int[rows.RowCount];
        for (var row = 0; row < labels.Length; row++) labels[row] = scores.Predictions.ClassAt(row);
        var label = new CategoricalColumn(Label, ColumnType.Categorical, labels, [.. scores.Classes]);
        return [label, .. Enumerable.Range(0, width).Select(i => Every(width, i, scores.Outputs.Span))];
    }

    public ImmutableArray<MergedColumn> Output(bool text)
    {
        if (_scorer.Task == TaskKind.Recommendation) return ListOutput(text);
        if (_scorer.Classes.IsEmpty) return [MergedColumn.Of(Prediction, Prediction, Float)];
        return
        [
            MergedColumn.Of(Label, Label, LabelType()),
            .. _scorer.Classes.Select((name, i) => MergedColumn.Of(Number(i).Name, $"probability_{name}", Float)),
        ];
    }

    private static WrittenColumn Number(int i) => new(string.Create(CultureInfo.InvariantCulture, $"n{i}"), ColumnType.Numeric);

    private static WrittenColumn Item(int i) => new(string.Create(CultureInfo.InvariantCulture, $"i{i}"), ColumnType.Text);

    private static ImmutableArray<WrittenColumn> OfLists(ModelScorer scorer)
    {
        var places = Enumerable.Range(0, scorer.Top ?? 0).ToList();
        ImmutableArray<WrittenColumn> lists = [.. places.Select(Item), .. places.Select(Number)];
        return scorer.RatedItem is null ? lists : lists.Add(new WrittenColumn(Prediction, ColumnType.Numeric));
    }

    private static List<Column> Lists(Recommendations lists)
    {
        var (top, columns) = (lists.Top, new List<Column>());
        for (var place = 0; place < top; place++)
        {
            var items = new string?[lists.Rows];
            for (var row = 0; row < items.Length; row++) items[row] = lists.ItemsOf(row)[place] is { Length: > 0 } item ? item : null;
            columns.Add(CategoricalColumn.FromValues(Item(place).Name, ColumnType.Text, items));
        }

        for (var place = 0; place < top; place++) columns.Add(Every(top, place, lists.Scores, Recommendations.NoScore));
        if (lists.HasRatings) columns.Add(Every(1, 0, lists.Ratings));
        return columns;
    }

    private static Column<double> Every(int width, int at, ReadOnlySpan<float> values, float? missing = null)
    {
        var numbers = new double[values.Length / width];
        for (var row = 0; row < numbers.Length; row++)
            numbers[row] = values[(row * width) + at] is var value && value == missing ? double.NaN : value;
        return new Column<double>(Prediction, ColumnType.Numeric, numbers);
    }

    private ImmutableArray<MergedColumn> ListOutput(bool text)
    {
        var places = Enumerable.Range(0, _scorer.Top ?? 0).ToList();
        ImmutableArray<MergedColumn> lists =
        [
            MergedColumn.ListOf(places.Select(i => Item(i).Name), "items", "VARCHAR", text),
            MergedColumn.ListOf(places.Select(i => Number(i).Name), "scores", Float, text),
        ];
        return _scorer.RatedItem is null ? lists : lists.Add(MergedColumn.Of(Prediction, Prediction, Float));
    }

    /// <summary>The target's own type, where the names of all classes are values of it.</summary>
    private string? LabelType() => _scorer.TargetType switch
    {
        ColumnType.Integer when _scorer.Classes.All(c => long.TryParse(c, CultureInfo.InvariantCulture, out _)) => "BIGINT",
        ColumnType.Numeric when _scorer.Classes.All(c => double.TryParse(c, CultureInfo.InvariantCulture, out _)) => "DOUBLE",
        ColumnType.Boolean when _scorer.Classes.All(c => bool.TryParse(c, out _)) => "BOOLEAN",
        _ => null,
    };
}
