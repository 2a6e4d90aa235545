using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data;
using Gyre.Loop.Deployment;
using Gyre.Models;
using Gyre.Numerics;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Reports;

/// <summary>Evaluates, compares and explains registered versions on the rows of a file, through their graphs.</summary>
public sealed class VersionEvaluation(Workspace workspace)
{
    private const int MostRows = 200_000;
    private const int BackgroundRows = 500;
    private const string RowNumber = "\u0001row";

    /// <summary>A version by `MODEL`, `MODEL@ALIAS`, `MODEL@VERSION` or `MODEL/VERSION`; by `MODEL` alone the champion.</summary>
    /// <exception cref="GyreException">There is none.</exception>
    public ModelVersion Find(string reference) => VersionReference.Find(workspace.Registry, reference);

    /// <summary>The report that the version's run wrote; null where it wrote none.</summary>
    public string? ReportOf(ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var page = Path.Combine(Path.GetDirectoryName(version.Folder) ?? "", Runs.EvaluationStep.Folder, EvaluationReport.PageFile);
        return File.Exists(page) ? page : null;
    }

    /// <summary>Evaluates a version on a file with its inputs and target.</summary>
    /// <exception cref="GyreException">The file lacks a column, or a value is of another type or class.</exception>
    public EvaluationReport Evaluate(ModelVersion version, string file, string? metric, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        using var scorer = ModelScorer.Load(version.Folder);
        var set = Read(scorer, file, cancellationToken);
        var rows = scorer.ComparableRows(set.Rows);
        var input = new EvaluationInput(
            table => scorer.Score(table).Predictions, rows,
            [.. scorer.Inputs.Select(c => c.Name)], rows, set.Target, scorer.Score(rows).Predictions, scorer.Classes,
            MetricOf(scorer.Task, metric));
        var evaluation = Evaluator.Evaluate(input, new EvaluationOptions(), cancellationToken);
        return new EvaluationReport(evaluation, new ReportSubject(
            version.Model, version.Version, scorer.TargetName,
            string.Create(CultureInfo.InvariantCulture, $"{evaluation.Rows:N0} rows of {Path.GetFileName(file)}"), []));
    }

    /// <summary>Compares two versions on the same rows.</summary>
    /// <exception cref="GyreException">They predict different things, or the file does not fit one of them.</exception>
    public VersionComparison Compare(
        ModelVersion first, ModelVersion second, string file, string? metric, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        using var a = ModelScorer.Load(first.Folder);
        using var b = ModelScorer.Load(second.Folder);
        if (a.Task != b.Task || a.TargetName != b.TargetName || !a.Classes.SequenceEqual(b.Classes))
            throw GyreException.Invalid($"{first.Model} version {first.Version} and {second.Model} version {second.Version} predict different things.");
        var rows = Read(a, file, cancellationToken);
        var (x, y) = (Predict(a, file, rows, cancellationToken), Predict(b, file, rows, cancellationToken));
        var target = rows.Target.Span;
        var resamples = (int)Math.Clamp(20_000_000L / x.Rows, 100, Bootstrap.DefaultResamples);
        string[] names = [MetricOf(a.Task, metric), .. Metrics.All(a.Task)];
        var metrics = ImmutableArray.CreateBuilder<PairedComparison>();
        foreach (var name in names.Distinct())
        {
            var paired = Bootstrap.Paired(name, target, x, y, 1, resamples, cancellationToken);
            if (!double.IsNaN(paired.Improvement)) metrics.Add(paired);
        }

        return new VersionComparison(x.Rows, metrics.ToImmutable(), a.Task.HasClasses() ? Test(target, x, y) : null);
    }

    /// <summary>
    /// Explains the prediction for one row of a file by what its values add to the mean prediction: exactly where the version's package
    /// says how, else by an estimate.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="file">JSON, CSV or Parquet with the model's inputs.</param>
    /// <param name="row">Which row, from 0.</param>
    /// <param name="background">Files whose rows stand for what is usual: the training data.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public VersionExplanation Explain(
        ModelVersion version, string file, int row, SourceDefinition background, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        using var scorer = ModelScorer.Load(version.Folder);
        var asked = SourceReader.ReadAs(new SourceDefinition([Path.GetFullPath(file)]), scorer.Inputs, cancellationToken);
        if (row < 0 || row >= asked.RowCount)
            throw GyreException.Invalid($"{file}: there is no row {row}; it has {asked.RowCount}, counted from 0.");
        if (ModelExplainer.Exists(version.Folder))
        {
            using var exact = RowExplanations.Open(version);
            return exact.Explain(asked.Take([row]), row, cancellationToken).Single();
        }

        var usual = SourceReader.ReadAs(background, scorer.Inputs, cancellationToken);
        if (usual.RowCount == 0) throw GyreException.Invalid("There are no training rows to compare with.");
        if (usual.RowCount > BackgroundRows) usual = usual.Take(new SeededRandom(1).Sample(usual.RowCount, BackgroundRows));
        var rows = JoinedRows.Of(asked.Take([row]), usual);
        var predictions = scorer.Score(rows.Take([0])).Predictions;
        var output = predictions.Outputs > 1 ? predictions.ClassAt(0) : 0;
        var estimate = SamplingShap.Explain(
            table => scorer.Score(table).Predictions, rows, [.. scorer.Inputs.Select(c => c.Name)], output);
        var what = scorer.Task switch
        {
            TaskKind.Binary => $"probability of {scorer.TargetName} = {scorer.Classes[1]}",
            TaskKind.Multiclass => $"probability of {scorer.TargetName} = {scorer.Classes[output]}",
            _ => scorer.TargetName,
        };
        return new VersionExplanation(version.Model, version.Version, what, estimate.BaseValue, estimate.Prediction,
        [
            .. estimate.Columns.Select((name, i) => new ColumnContribution(
                    name, Convert.ToString(rows[name].ValueAt(0), CultureInfo.InvariantCulture), estimate.Contributions[i], estimate.StandardErrors[i]))
                .OrderByDescending(c => Math.Abs(c.Contribution)),
        ])
        {
            Row = row,
        };
    }

    private static McNemar Test(ReadOnlySpan<double> target, Predictions first, Predictions second)
    {
        var (onlyFirst, onlySecond) = (0, 0);
        for (var i = 0; i < target.Length; i++)
        {
            var (a, b) = (first.ClassAt(i) == (int)target[i], second.ClassAt(i) == (int)target[i]);
            if (a && !b) onlyFirst++;
            if (b && !a) onlySecond++;
        }

        return McNemar.Of(onlyFirst, onlySecond);
    }

    private static Predictions Predict(ModelScorer scorer, string file, LabelledRows rows, CancellationToken cancellationToken)
    {
        var missing = scorer.Inputs.Any(c => !rows.Rows.Schema.Contains(c.Name));
        var table = missing ? Read(scorer, file, cancellationToken).Rows : rows.Rows;
        return scorer.Score(scorer.ComparableRows(table)).Predictions;
    }

    private static string MetricOf(TaskKind task, string? metric)
    {
        if (task == TaskKind.Recommendation)
            throw GyreException.Invalid("Recommenders are evaluated when they are trained: see the run's metrics.");
        var name = metric ?? Metrics.Default(task);
        return Metrics.All(task).Contains(name)
            ? name
            : throw GyreException.Invalid($"'{name}' is not one of {string.Join(", ", Metrics.All(task))}");
    }

    // Rows without a target tell nothing of the model and are left out.
    private static LabelledRows Read(ModelScorer scorer, string file, CancellationToken cancellationToken)
    {
        MetricOf(scorer.Task, null);
        var type = scorer.Task == TaskKind.Regression && scorer.TargetType != ColumnType.Boolean ? ColumnType.Numeric : scorer.TargetType;
        var target = new ColumnDefinition(scorer.TargetName, type);
        var table = SourceReader.ReadAs(
            new SourceDefinition([Path.GetFullPath(file)]), new Schema([.. scorer.Inputs, target]), cancellationToken);
        var known = Enumerable.Range(0, table.RowCount).Where(row => !table[scorer.TargetName].IsMissing(row)).Take(MostRows).ToArray();
        if (known.Length == 0) throw GyreException.Invalid($"{file}: no row has a value of '{scorer.TargetName}'.");
        if (known.Length < table.RowCount) table = table.Take(known);
        var numbered = table.With(new Column<double>(RowNumber, ColumnType.Numeric, new double[table.RowCount]));
        var set = TrainingSet.Create(numbered, scorer.TargetName, scorer.Task, [RowNumber],
            scorer.Task == TaskKind.Binary ? scorer.Classes[1] : null, scorer.Classes.IsEmpty ? null : scorer.Classes);
        return new LabelledRows(table, set.TargetMemory);
    }

    private sealed record LabelledRows(Table Rows, ReadOnlyMemory<double> Target);
}

/// <summary>Two versions on the same rows.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Metrics">Each metric of both (`champion` is the first), the asked one first.</param>
/// <param name="Decisions">Whether they are right equally often; null for regression.</param>
public sealed record VersionComparison(int Rows, ImmutableArray<PairedComparison> Metrics, McNemar? Decisions);
