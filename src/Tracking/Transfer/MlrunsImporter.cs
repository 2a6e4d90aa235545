using System.Data.Common;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Transfer;

namespace Gyre.Tracking;

/// <summary>
/// Imports MLflow's file store (<c>mlruns/</c>). What is there already is left alone, so that an import that was
/// stopped is simply repeated.
/// </summary>
public sealed class MlrunsImporter(TrackingDatabase database, ArtifactStore artifacts)
{
    /// <summary>Points of one transaction.</summary>
    private const int Chunk = 20_000;

    /// <summary>On a run of which not all points are there yet.</summary>
    private const string Unfinished = "gyre.importing";

    private static readonly string[] Statuses = ["RUNNING", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    internal static readonly string[] SourceTypes = ["UNKNOWN", "NOTEBOOK", "JOB", "PROJECT", "LOCAL", "UNKNOWN"];

    /// <summary>Imports a folder.</summary>
    /// <param name="folder">The file store.</param>
    /// <param name="copyArtifacts">
    /// Whether local artifacts are copied below the artifact root, or left where they are.
    /// </param>
    /// <param name="progress">Told of every experiment and model.</param>
    /// <param name="cancellationToken">Stops between runs and points.</param>
    /// <exception cref="GyreException">The folder is no file store.</exception>
    public async Task<MlrunsReport> ImportAsync(
        string folder, bool copyArtifacts, IProgress<string>? progress = null,
            CancellationToken cancellationToken = default)
    {
        var full = Path.GetFullPath(folder);
        var experiments = ExperimentFolders(full);
        if (experiments.Count == 0 && !Directory.Exists(Path.Combine(full, "models")))
        {
            throw GyreException.Invalid(
                $"{full}: this is no file store of MLflow's: no folder in it has a {MlrunsFiles.Meta}");
        }

        var report = new MlrunsReport();
        var files = new MlrunsArtifacts(full, artifacts, copyArtifacts, report);
        foreach (var path in experiments)
        {
            progress?.Report($"experiment {Path.GetFileName(path)}");
            await ImportExperimentAsync(path, files, report, cancellationToken);
        }

        await new MlrunsRegistryImport(database, files, report).RunAsync(Path.Combine(full, "models"), progress,
            cancellationToken);
        return report;
    }

    private static List<string> ExperimentFolders(string folder) => !Directory.Exists(folder)
        ? throw GyreException.NotFound($"{folder}: there is no such folder")
        : [.. new[] { folder, Path.Combine(folder,
            ".trash") }.Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Where(path => File.Exists(Path.Combine(path, MlrunsFiles.Meta)))
            .OrderBy(path => Path.GetFileName(path).Length).ThenBy(Path.GetFileName, StringComparer.Ordinal)];

    private async Task ImportExperimentAsync(
        string path, MlrunsArtifacts files, MlrunsReport report, CancellationToken cancellationToken)
    {
        var meta = MlrunsFiles.ReadMeta(path) ?? []; // looked for above
        var text = meta.GetValueOrDefault("experiment_id") ?? Path.GetFileName(path);
        var wanted = int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : (long?)null;
        var tags = MlrunsFiles.ReadValues(Path.Combine(path, "tags"));
        var name = meta.GetValueOrDefault("name")
            ?? throw GyreException.Invalid($"{path}/{MlrunsFiles.Meta}: there is no 'name'");
        var id = await database.WriteAsync(
            connection => PutExperiment(connection, wanted, name, meta, tags, files), cancellationToken);
        report.Experiments++;
        if (id != wanted) report.Renumbered[text] = id;
        foreach (var model in Folders(Path.Combine(path, "models")))
            await ImportLoggedModelAsync(model, id, files, report, cancellationToken);
        foreach (var run in Folders(path).Where(run =>
            Path.GetFileName(run) is not ("tags" or "datasets" or "traces" or "models")))
            await TryAsync(run, report, () => ImportRunAsync(path, run, id, files, report, cancellationToken));
        foreach (var model in Folders(Path.Combine(path, "models")))
            await ImportModelMetricsAsync(model, id, report, cancellationToken);
        if (Folders(Path.Combine(path, "traces")).Length is > 0 and var traces)
            report.Warnings.Add($"{path}: {traces} traces were not imported");
    }

    private static string[] Folders(string path) =>
        Directory.Exists(path) ? [.. Directory.GetDirectories(path).Order(StringComparer.Ordinal)] : [];

    /// <summary>One thing that cannot be read does not keep the others away.</summary>
    private static async Task TryAsync(string path, MlrunsReport report, Func<Task> import)
    {
        try
        {
            await import();
        }
        catch (GyreException error) when (error.IsUserError)
        {
            report.Warnings.Add(error.Message.Contains(path,
                StringComparison.Ordinal) ? error.Message : $"{path}: {error.Message}");
        }
    }

    private static long PutExperiment(
        DbConnection connection, long? wanted, string name, Dictionary<string, string?> meta,
        List<KeyValuePair<string, string>> tags, MlrunsArtifacts files)
    {
        var now = Number(meta, "creation_time");
        var known = ExperimentRows.Find(connection, name);
        // The experiment that every database begins with gives way to the one that was used.
        var untouched = known is not null && known.Id == wanted
            && connection.Scalar("SELECT 1 FROM runs WHERE experiment_id = $1 LIMIT 1", known.Id) is null;
        if (known is not null && !untouched) return Tagged(known.Id);
        if (!untouched && wanted is not null
            && connection.Scalar("SELECT 1 FROM experiments WHERE experiment_id = $1", wanted) is not null)
            wanted = null;
        var id = untouched || wanted is not null
            ? wanted ?? 0
            : ExperimentRows.Insert(connection, name, null, [], now ?? 0);
        if (!untouched && wanted is not null)
        {
            connection.Put("experiments", ("experiment_id", wanted), ("name", name), ("workspace", "default"));
            TransferRows.CountExperiments(connection);
        }

        var location = files.Location(meta.GetValueOrDefault("artifact_location"), id)
            ?? SchemaCreator.DefaultArtifactRoot + id.ToString(CultureInfo.InvariantCulture);
        connection.Execute(
            """
            UPDATE experiments
            SET artifact_location = $2, lifecycle_stage = $3, creation_time = $4, last_update_time = $5
            WHERE experiment_id = $1
            """,
            id, location, meta.GetValueOrDefault("lifecycle_stage") ?? "active", now, Number(meta, "last_update_time"));
        return Tagged(id);

        long Tagged(long experiment)
        {
            foreach (var (key, value) in tags)
                connection.Put("experiment_tags", ("key", key), ("value", value), ("experiment_id", experiment));
            return experiment;
        }
    }

    private async Task ImportRunAsync(
        string experiment, string path, long experimentId, MlrunsArtifacts files, MlrunsReport report,
        CancellationToken cancellationToken)
    {
        if (MlrunsFiles.ReadMeta(path) is not { } meta)
        {
            report.Warnings.Add($"{path}: there is no {MlrunsFiles.Meta}; passed over");
            return;
        }

        var id = meta.GetValueOrDefault("run_id") ?? meta.GetValueOrDefault("run_uuid") ?? Path.GetFileName(path);
        if (IsKnown(id))
        {
            report.KnownRuns++;
            return;
        }

        var uri = await files.MoveAsync(
            meta.GetValueOrDefault("artifact_uri"), Path.Combine(path, "artifacts"), $"{id}/artifacts",
            $"{SchemaCreator.DefaultArtifactRoot}{experimentId}/{id}/artifacts", cancellationToken);
        var parameters = MlrunsFiles.ReadValues(Path.Combine(path, "params"));
        var tags = MlrunsFiles.ReadValues(Path.Combine(path, "tags"));
        var inputs = new MlrunsInputs(experiment, path, id);
        var chunks = Points(path, report).Chunk(Chunk).GetEnumerator();
        var first = chunks.MoveNext() ? chunks.Current : [];
        var more = first.Length == Chunk;
        await database.WriteAsync(
            connection =>
            {
                PutRun(connection, id, experimentId, uri, meta, tags);
                RunLog.WriteParameters(connection, id, parameters);
                foreach (var (key, value) in tags) RunLog.PutTag(connection, id, key, value);
                inputs.Put(connection, experimentId);
                MetricWriter.Write(connection, id, first);
                if (more) RunLog.PutTag(connection, id, Unfinished, "true");
            },
            cancellationToken);
        report.Points += first.Length;
        if (more) await WriteRestAsync(id, chunks, report, cancellationToken);
        report.Runs++;
    }

    /// <summary>Writes the points that are left of a run that is marked unfinished, and takes the mark away.</summary>
    private async Task WriteRestAsync(
        string id, IEnumerator<MetricPoint[]> chunks, MlrunsReport report, CancellationToken cancellationToken)
    {
        while (chunks.MoveNext())
        {
            var chunk = chunks.Current;
            await database.WriteAsync(connection => MetricWriter.Write(connection, id, chunk), cancellationToken);
            report.Points += chunk.Length;
        }

        await database.WriteAsync(
            connection => connection.Execute("DELETE FROM tags WHERE run_uuid = $1 AND key = $2", id, Unfinished),
            cancellationToken);
    }

    private bool IsKnown(string runId)
    {
        using var connection = database.OpenReader();
        return connection.Scalar(
            """
            SELECT 1 FROM runs r WHERE r.run_uuid = $1
              AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.run_uuid = r.run_uuid AND t.key = $2)
            """,
            runId, Unfinished) is not null;
    }

    private static void PutRun(
        DbConnection connection, string id, long experiment, string uri, Dictionary<string, string?> meta,
        List<KeyValuePair<string, string>> tags)
    {
        var name = meta.GetValueOrDefault("run_name") ?? meta.GetValueOrDefault("name")
            ?? tags.FirstOrDefault(tag => tag.Key == RunTags.RunName).Value ?? "";
        connection.Put("runs",
            ("run_uuid", id), ("name", name), ("source_type", Word(meta, "source_type", SourceTypes)),
            ("source_name", meta.GetValueOrDefault("source_name") ?? ""),
            ("entry_point_name", meta.GetValueOrDefault("entry_point_name") ?? ""),
            ("user_id", meta.GetValueOrDefault("user_id") ?? ""), ("status", Word(meta, "status", Statuses)),
            ("start_time", Number(meta, "start_time")), ("end_time", Number(meta, "end_time")),
            ("source_version", meta.GetValueOrDefault("source_version") ?? ""),
            ("lifecycle_stage", meta.GetValueOrDefault("lifecycle_stage") ?? "active"), ("artifact_uri", uri),
            ("experiment_id", experiment), ("deleted_time", Number(meta, "deleted_time")));
    }

    private static IEnumerable<MetricPoint> Points(string path, MlrunsReport report)
    {
        foreach (var (key, file) in MlrunsFiles.Keys(Path.Combine(path, "metrics")))
        {
            var line = 0;
            foreach (var text in File.ReadLines(file))
            {
                line++;
                if (text.Length == 0) continue;
                // Timestamp, value and, but in the oldest, step; later ones may name a dataset after them.
                var parts = text.Split(' ');
                long step = 0;
                if (parts.Length >= 2 && long.TryParse(parts[0], CultureInfo.InvariantCulture, out var timestamp)
                    && MlrunsFiles.ReadNumber(parts[1]) is { } value
                    && (parts.Length < 3 || long.TryParse(parts[2], CultureInfo.InvariantCulture, out step)))
                    yield return new MetricPoint(key, value, timestamp, step);
                else report.Warnings.Add($"{file}, line {line}: '{text}' is no point; passed over");
            }
        }
    }

    private async Task ImportLoggedModelAsync(
        string path, long experiment, MlrunsArtifacts files, MlrunsReport report, CancellationToken cancellationToken)
    {
        if (MlrunsFiles.ReadMeta(path) is not { } meta) return;
        var id = meta.GetValueOrDefault("model_id") ?? Path.GetFileName(path);
        var uri = await files.MoveAsync(
            meta.GetValueOrDefault("artifact_location"), Path.Combine(path, "artifacts"), $"{id}/artifacts",
            $"{SchemaCreator.DefaultArtifactRoot}{experiment}/models/{id}/artifacts", cancellationToken);
        var parameters = MlrunsFiles.ReadValues(Path.Combine(path, "params"));
        var tags = MlrunsFiles.ReadValues(Path.Combine(path, "tags"));
        var added = await database.WriteAsync(
            connection =>
            {
                var isNew = connection.Put("logged_models",
                    ("model_id", id), ("experiment_id", experiment), ("name", meta.GetValueOrDefault("name") ?? ""),
                    ("artifact_location", uri), ("creation_timestamp_ms", Number(meta, "creation_timestamp") ?? 0),
                    ("last_updated_timestamp_ms", Number(meta, "last_updated_timestamp") ?? 0),
                    ("status", (int)(Number(meta, "status") ?? 0)),
                    ("lifecycle_stage", meta.GetValueOrDefault("lifecycle_stage") ?? "active"),
                    ("model_type", meta.GetValueOrDefault("model_type")), ("source_run_id",
                        meta.GetValueOrDefault("source_run_id")),
                    ("status_message", meta.GetValueOrDefault("status_message")));
                foreach (var (key, value) in parameters)
                    connection.Put("logged_model_params", ("model_id", id), ("experiment_id", experiment),
                        ("param_key", key), ("param_value", value));
                foreach (var (key, value) in tags)
                    connection.Put("logged_model_tags", ("model_id", id), ("experiment_id", experiment), ("tag_key",
                        key), ("tag_value", value));
                return isNew;
            },
            cancellationToken);
        if (added) report.LoggedModels++;
    }

    /// <summary>After the runs, which the points name.</summary>
    private Task ImportModelMetricsAsync(string path, long experiment, MlrunsReport report,
        CancellationToken cancellationToken)
    {
        var model = MlrunsFiles.ReadMeta(path)?.GetValueOrDefault("model_id") ?? Path.GetFileName(path);
        var lines = MlrunsFiles.Keys(Path.Combine(path, "metrics"))
            .SelectMany(file => File.ReadLines(file.Path).Select(line => (file.Key, Parts: line.Split(' ')))).ToList();
        return lines.Count == 0 ? Task.CompletedTask : database.WriteAsync(
            connection =>
            {
                foreach (var (key, parts) in lines)
                {
                    if (parts.Length is not (4 or 6) || MlrunsFiles.ReadNumber(parts[1]) is not { } value
                        || connection.Scalar("SELECT 1 FROM runs WHERE run_uuid = $1", parts[3]) is null) continue;
                    connection.Put("logged_model_metrics",
                        ("model_id", model), ("metric_name", key),
                        ("metric_timestamp_ms", long.Parse(parts[0], CultureInfo.InvariantCulture)),
                        ("metric_step", long.Parse(parts[2], CultureInfo.InvariantCulture)),
                        ("metric_value", new MetricPoint(key, value, 0, 0).Stored), ("experiment_id", experiment),
                        ("run_id", parts[3]), ("dataset_name", parts.Length == 6 ? parts[4] : null),
                        ("dataset_digest", parts.Length == 6 ? parts[5] : null));
                }
            },
            cancellationToken);
    }

    private static long? Number(Dictionary<string, string?> meta, string name) =>
        long.TryParse(meta.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>A value of an enumeration, which the files hold as its number.</summary>
    private static string Word(Dictionary<string, string?> meta, string name, string[] words) =>
        meta.GetValueOrDefault(name) is not { } text ? words[0]
        : int.TryParse(text, CultureInfo.InvariantCulture,
            out var number) && number >= 0 && number < words.Length ? words[number]
        : words.Contains(text) ? text : words[0];
}
