using System.Globalization;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Reports;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>
/// Writes the evaluation report of the chosen candidate beside its package. The decision has been made: a report that
/// cannot be written, or that nobody waits for, takes nothing back.
/// </summary>
internal sealed class EvaluationStep(Workspace workspace, RunJournal journal, Run run)
{
    /// <summary>The folder among a run's artifacts.</summary>
    public const string Folder = "evaluation";

    private const int LearningFolds = 3;

    public async Task RunAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CandidatePackage package, bool promoted,
        CancellationToken cancellationToken)
    {
        var wanted = frame.Definition.Training.Evaluation.Report;
        if (wanted == ReportFor.Never || (wanted == ReportFor.Promoted && !promoted)) return;
        try
        {
            await journal.StepAsync(
                "evaluation", () => WriteAsync(frame, holdOut, candidates, package, cancellationToken), path => path);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or UnauthorizedAccessException or GyreException)
        {
            journal.Remark($"no evaluation report: {error.Message}");
        }
    }

    private async Task<string> WriteAsync(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CandidatePackage package, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(workspace.Artifacts.FolderOf(run), Folder);
        var evaluation = await Task.Run(() => Evaluate(frame, holdOut, candidates, cancellationToken), cancellationToken);
        var report = new EvaluationReport(evaluation, Subject(frame, holdOut, candidates, package));
        await report.WriteAsync(folder, cancellationToken);
        return Path.GetRelativePath(workspace.Folder, Path.Combine(folder, EvaluationReport.PageFile));
    }

    private ModelEvaluation Evaluate(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CancellationToken cancellationToken)
    {
        var best = candidates.Best;
        var settings = frame.Definition.Training;
        var test = frame.Set.Take(holdOut.Test);
        var columns = frame.Table.Take(holdOut.Test).Without(frame.Definition.Target);
        var input = EvaluationInput.Of(best.Pipeline, test, columns, candidates.Metric) with { Predictions = best.Predictions };
        var evaluation = Evaluator.Evaluate(input, new EvaluationOptions { Seed = settings.Seed }, cancellationToken);
        return settings.Evaluation.LearningCurve
            ? evaluation with { Learning = Learning(frame, holdOut, candidates, cancellationToken) }
            : evaluation;
    }

    private LearningCurve Learning(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CancellationToken cancellationToken)
    {
        var isByTime = holdOut.Method == SplitMethod.Time;
        var rows = holdOut.Train;
        if (isByTime && frame.Time is { } time) rows = [.. rows.OrderBy(row => time.Values[row])];
        var train = frame.Set.Take(rows);
        var kind = isByTime ? SplitKind.Time : train.Task == TaskKind.Regression ? SplitKind.Random : SplitKind.Stratified;
        var folds = Splitter.Folds(train, kind, LearningFolds, isByTime ? frame.Time?.Take(rows) : null, frame.Definition.Training.Seed);
        return LearningCurve.Compute(candidates.Best.Trainer, train, folds, candidates.Metric,
            CandidateStep.Context(frame.Definition.Training, journal, cancellationToken), isByTime);
    }

    private static ReportSubject Subject(
        TrainingFrame frame, HoldOut holdOut, Candidates candidates, CandidatePackage package) => new(
        frame.Definition.Model, package.Version?.Version, frame.Definition.Target,
        string.Create(CultureInfo.InvariantCulture, $"{holdOut.Test.Length:N0} held-out rows ({holdOut.Description})"),
        [
            ("trainer", candidates.Best.Name),
            ("trained on", string.Create(CultureInfo.InvariantCulture, $"{holdOut.Train.Length:N0} rows")),
            ("data snapshot", frame.Snapshot.Hash.Hex),
        ]);
}
