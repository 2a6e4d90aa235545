using System.Collections.Immutable;
using System.Globalization;
using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Gyre.Models;
using Gyre.Monitoring;
using Gyre.Tabular;
using Gyre.Tracking;
using Gyre.Training;

namespace Gyre.Loop.Watching;

/// <summary>Reads the champion's predictions of a window and compares them with its training.</summary>
internal sealed class WindowReader(Workspace workspace)
{
    private readonly PredictionLogReader _log = new(workspace.Database.OpenConnection);
    private WatchedModel? _watched;

    public WatchedWindow Read(
        PipelineDefinition definition, ModelVersion champion, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_watched?.Version != champion.Version || _watched.Folder != champion.Folder) _watched = WatchedModel.Load(champion);
        var settings = definition.Monitoring;
        var from = now - settings.Window;
        var window = _log.Read(
            new PredictionQuery(definition.Model, from, now) { Version = champion.Version },
            Logged(_watched.Inputs, definition), _watched.Task, _watched.Classes, cancellationToken);
        var columns = Watched(definition);
        var report = DriftCalculator.Compute(
            _watched.Profile, window.Inputs, window.PredictionColumn, settings.MinimumRows);
        var drift = report.Columns.Where(c => columns.Contains(c.Name)).ToImmutableArray();
        return new WatchedWindow(
            window.Rows,
            Performance(definition, champion, window, _watched.Threshold),
            drift.Length,
            [.. drift.Where(c => c.IsDrift(settings.Psi, settings.Wasserstein)).OrderByDescending(c => c.PsiCorrected)],
            _log.CountRejections(definition.Model, from, now))
        {
            Prediction = report.Prediction,
            Violations = [.. ContractViolations.Count(definition.Contract, window.Inputs).Where(v => v.Rows > 0)],
        };
    }

    private static PerformanceReport? Performance(
        PipelineDefinition definition, ModelVersion champion, PredictionWindow window, double threshold)
    {
        var metric = MetricOf(definition);
        if (window.Known == 0 ||
            !champion.Tags.TryGetValue(VersionTags.MetricPrefix + metric, out var text) ||
            !double.TryParse(text, CultureInfo.InvariantCulture, out var atTraining))
            return null;
        return PerformanceCalculator.Compute(metric, window, atTraining, new PerformanceOptions
        {
            Margin = definition.Monitoring.Margin, MinRows = definition.Monitoring.MinimumRows, Seed = definition.Training.Seed,
            Threshold = threshold,
        });
    }

    /// <summary>Of a recommender that learns ratings, feedback is a rating: it tells nothing of the list.</summary>
    private static string MetricOf(PipelineDefinition definition)
    {
        var metric = definition.Monitoring.Metric ?? definition.Training.Metric ?? Metrics.Default(definition.Task);
        return definition.Recommend is { } recommend && definition.Target != recommend.Item && metric is not ("rmse" or "mae")
            ? "rmse" : metric;
    }

    /// <summary>Columns that the log keeps as they are: a redacted one would look like drift.</summary>
    private static Schema Logged(Schema inputs, PipelineDefinition definition) =>
        new(inputs.Where(column => !definition.Serving.Log.Redact.ContainsKey(column.Name)));

    private static HashSet<string> Watched(PipelineDefinition definition)
    {
        var columns = definition.Monitoring.DriftColumns;
        return (columns.IsEmpty ? definition.Features : columns).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What is known of a version without asking it for predictions.</summary>
    private sealed record WatchedModel(
        int Version, string Folder, Schema Inputs, TaskKind Task, ImmutableArray<string> Classes, double Threshold, ReferenceProfile Profile)
    {
        public static WatchedModel Load(ModelVersion version)
        {
            using var scorer = ModelScorer.Load(version.Folder);
            var profile = ReferenceProfile.FromJson(
                File.ReadAllText(Path.Combine(version.Folder, PackageStep.ReferenceProfileFile)));
            return new WatchedModel(version.Version, version.Folder, scorer.Inputs, scorer.Task, scorer.Classes, scorer.Threshold, profile);
        }
    }
}
