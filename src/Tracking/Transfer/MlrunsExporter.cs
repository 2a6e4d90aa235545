using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gyre.Primitives;
using Gyre.Tracking.Storage;
using Gyre.Tracking.Transfer;

namespace Gyre.Tracking;

/// <summary>
/// Writes experiments, runs, logged models and the registry as MLflow's file store (<c>mlruns/</c>), in one state of
/// the database, with the artifacts that lie in local folders.
/// </summary>
public sealed class MlrunsExporter(TrackingDatabase database, ArtifactStore artifacts)
{
    /// <summary>Exports everything.</summary>
    /// <param name="folder">A folder that does not exist, or is empty; it appears when it is whole.</param>
    /// <param name="progress">Told of every experiment and model.</param>
    /// <param name="cancellationToken">Stops between runs and leaves nothing.</param>
    /// <exception cref="GyreException">The folder is not empty, or a name cannot be a file's.</exception>
    public async Task<MlrunsReport> ExportAsync(
        string folder, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(full))
        {
            if (Directory.EnumerateFileSystemEntries(full).Any())
                throw new GyreException(ErrorCode.AlreadyExists, $"{full}: the folder is not empty");
            Directory.Delete(full);
        }

        var report = new MlrunsReport();
        await DurableFile.CreateFolderAsync(
            full, (inner, token) => Task.Run(() => Write(inner, full, report, progress, token), token),
                cancellationToken);
        return report;
    }

    private void Write(
        string folder, string final, MlrunsReport report, IProgress<string>? progress,
            CancellationToken cancellationToken)
    {
        using var connection = database.OpenReader();
        using var state = connection.BeginRead();
        var files = new Copies(artifacts, folder, final, report, cancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, ".trash"));
        foreach (var experiment in Rows(connection, "SELECT * FROM experiments ORDER BY experiment_id"))
        {
            progress?.Report($"experiment {experiment.Text("experiment_id")}");
            WriteExperiment(connection, experiment, folder, files, report, cancellationToken);
        }

        foreach (var model in Rows(connection,
            "SELECT * FROM registered_models WHERE workspace = 'default' ORDER BY name"))
        {
            progress?.Report($"model {model.Text("name")}");
            WriteModel(connection, model, folder, files, report);
        }
    }

    private static void WriteExperiment(
        DbConnection connection, Row row, string root, Copies files, MlrunsReport report,
            CancellationToken cancellationToken)
    {
        var id = row.Text("experiment_id")!; // its key
        var deleted = row.Text("lifecycle_stage") == "deleted";
        var folder = Path.Combine(deleted ? Path.Combine(root, ".trash") : root, id);
        MlrunsFiles.WriteMeta(folder,
            ("artifact_location", files.Address(row.Text("artifact_location"))), ("creation_time",
                row["creation_time"]),
            ("experiment_id", id), ("last_update_time", row["last_update_time"]), ("lifecycle_stage",
                row["lifecycle_stage"]),
            ("name", row["name"]));
        WriteValues(connection, Path.Combine(folder, "tags"),
            $"SELECT key, coalesce(value, '') FROM experiment_tags WHERE experiment_id = {id}");
        foreach (var run in Rows(connection, $"SELECT * FROM runs WHERE experiment_id = {id} ORDER BY run_uuid"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteRun(connection, run, folder, files, report);
        }

        foreach (var model in Rows(connection,
            $"SELECT * FROM logged_models WHERE experiment_id = {id} ORDER BY model_id"))
            WriteLoggedModel(connection, model, Path.Combine(folder, "models"), files, report);
        report.Experiments++;
    }

    private static void WriteRun(DbConnection connection, Row row, string experiment, Copies files, MlrunsReport report)
    {
        var id = row.Text("run_uuid")!; // its key
        var folder = MlrunsFiles.PathOf(experiment, id);
        var status = Array.IndexOf(["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"], row.Text("status"));
        MlrunsFiles.WriteMeta(folder,
            ("artifact_uri", files.Address(row.Text("artifact_uri"))), ("deleted_time", row["deleted_time"]),
            ("end_time", row["end_time"]), ("entry_point_name", row.Text("entry_point_name") ?? ""),
            ("experiment_id", row.Text("experiment_id")), ("lifecycle_stage", row["lifecycle_stage"]), ("run_id", id),
            ("run_name", row.Text("name") ?? ""), ("run_uuid", id), ("source_name", row.Text("source_name") ?? ""),
            ("source_type", Array.LastIndexOf(MlrunsImporter.SourceTypes, row.Text("source_type") ?? "UNKNOWN")),
            ("source_version", row.Text("source_version") ?? ""), ("start_time", row["start_time"]),
            ("status", Math.Max(status, 1)), ("tags", Array.Empty<string>()), ("user_id", row.Text("user_id") ?? ""));
        WriteValues(connection, Path.Combine(folder, "params"), "SELECT key, value FROM params WHERE run_uuid = $1",
            id);
        WriteValues(connection, Path.Combine(folder, "tags"),
            "SELECT key, coalesce(value, '') FROM tags WHERE run_uuid = $1", id);
        report.Points += WritePoints(connection, Path.Combine(folder, "metrics"),
            """
            SELECT key, timestamp, value, is_nan, step, NULL, NULL, NULL FROM metrics WHERE run_uuid = $1
            ORDER BY key, timestamp, step, value
            """,
            id);
        WriteInputs(connection, experiment, folder, id);
        files.Take(row.Text("artifact_uri"), Path.Combine(folder, "artifacts"));
        report.Runs++;
    }

    private static void WriteInputs(DbConnection connection, string experiment, string run, string id)
    {
        var datasets = Rows(connection,
            """
            SELECT i.input_uuid, d.* FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
            WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id = $1
            """,
            id);
        foreach (var row in datasets)
        {
            var dataset = Hash(row.Text("name") + row.Text("digest"));
            MlrunsFiles.WriteMeta(Path.Combine(experiment, "datasets", dataset),
                ("digest", row["digest"]), ("name", row["name"]), ("profile", row["dataset_profile"]),
                ("schema", row["dataset_schema"]), ("source", row["dataset_source"]), ("source_type",
                    row["dataset_source_type"]));
            var tags = connection.Query("SELECT name, value FROM input_tags WHERE input_uuid = $1",
                reader => KeyValuePair.Create(reader.GetString(0), reader.GetString(1)), row.Text("input_uuid"));
            WriteInput(Path.Combine(run, "inputs", Hash(dataset + id)), "DATASET", dataset, "RUN", id, 0,
                new Dictionary<string, string>(tags));
        }

        var models = Rows(connection,
            "SELECT * FROM inputs WHERE source_id = $1 AND source_type IN ('RUN_INPUT', 'RUN_OUTPUT')", id);
        foreach (var row in models)
        {
            var isOutput = row.Text("source_type") == "RUN_OUTPUT";
            WriteInput(MlrunsFiles.PathOf(Path.Combine(run, isOutput ? "outputs" : "inputs"),
                row.Text("input_uuid") ?? ""),
                row.Text("source_type"), id, row.Text("destination_type"), row.Text("destination_id"), row["step"], []);
        }
    }

    private static void WriteInput(
        string folder, string? sourceType, string source, string? destinationType, string? destination, object? step,
        Dictionary<string, string> tags) => MlrunsFiles.WriteMeta(folder,
        ("source_type", sourceType), ("source_id", source), ("destination_type", destinationType),
        ("destination_id", destination), ("step", step), ("tags", tags));

    private static void WriteLoggedModel(DbConnection connection, Row row, string root, Copies files,
        MlrunsReport report)
    {
        var id = row.Text("model_id")!; // its key
        var folder = MlrunsFiles.PathOf(root, id);
        MlrunsFiles.WriteMeta(folder,
            ("artifact_location", files.Address(row.Text("artifact_location"))), ("creation_timestamp",
                row["creation_timestamp_ms"]),
            ("experiment_id", row.Text("experiment_id")), ("last_updated_timestamp", row["last_updated_timestamp_ms"]),
            ("lifecycle_stage", row["lifecycle_stage"]), ("model_id", id), ("model_type", row["model_type"]),
                ("name", row["name"]),
            ("source_run_id", row["source_run_id"]), ("status", row["status"]), ("status_message",
                row["status_message"]));
        WriteValues(connection, Path.Combine(folder, "params"),
            "SELECT param_key, param_value FROM logged_model_params WHERE model_id = $1", id);
        WriteValues(connection, Path.Combine(folder, "tags"),
            "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = $1", id);
        WritePoints(connection, Path.Combine(folder, "metrics"),
            """
            SELECT metric_name, metric_timestamp_ms, metric_value, metric_value IS NULL, metric_step, run_id,
                   dataset_name, dataset_digest
            FROM logged_model_metrics WHERE model_id = $1 ORDER BY metric_name, metric_timestamp_ms, metric_step
            """,
            id);
        files.Take(row.Text("artifact_location"), Path.Combine(folder, "artifacts"));
        report.LoggedModels++;
    }

    private static void WriteModel(DbConnection connection, Row row, string root, Copies files, MlrunsReport report)
    {
        var name = row.Text("name")!; // its key
        var folder = MlrunsFiles.PathOf(Path.Combine(root, "models"), name);
        MlrunsFiles.WriteMeta(folder,
            ("creation_timestamp", row["creation_time"]), ("description", row["description"]),
            ("last_updated_timestamp", row["last_updated_time"]), ("name", name));
        WriteValues(connection, Path.Combine(folder, "tags"),
            "SELECT key, coalesce(value, '') FROM registered_model_tags WHERE workspace = 'default' AND name = $1",
                name);
        WriteValues(connection, Path.Combine(folder, "aliases"),
            """
            SELECT alias, CAST(version AS TEXT) FROM registered_model_aliases
            WHERE workspace = 'default' AND name = $1
            """,
            name);
        foreach (var version in Rows(connection,
            "SELECT * FROM model_versions WHERE workspace = 'default' AND name = $1 ORDER BY version", name))
        {
            var inner = Path.Combine(folder, $"version-{version.Text("version")}");
            MlrunsFiles.WriteMeta(inner,
                ("creation_timestamp", version["creation_time"]), ("current_stage", version["current_stage"]),
                ("description", version["description"]), ("last_updated_timestamp", version["last_updated_time"]),
                    ("name", name),
                ("run_id", version["run_id"]), ("run_link", version["run_link"]), ("source",
                    files.AddressAndTake(version.Text("source"))),
                ("status", version["status"]), ("status_message", version["status_message"]),
                ("storage_location", files.AddressAndTake(version.Text("storage_location"))), ("user_id",
                    version["user_id"]),
                ("version", version["version"]));
            WriteValues(connection, Path.Combine(inner, "tags"),
                $"""
                SELECT key, coalesce(value, '') FROM model_version_tags
                WHERE workspace = 'default' AND name = $1 AND version = {version.Text("version")}
                """,
                name);
            report.Versions++;
        }

        report.Models++;
    }

    private static void WriteValues(DbConnection connection, string folder, string sql, params object?[] values)
    {
        Directory.CreateDirectory(folder);
        MlrunsFiles.WriteValues(folder, connection.Query(sql, reader => (reader.GetString(0), reader.GetString(1)),
            values));
    }

    private static long WritePoints(DbConnection connection, string folder, string sql, string id)
    {
        Directory.CreateDirectory(folder);
        using var command = connection.Command(sql, id);
        using var reader = command.ExecuteReader();
        StreamWriter? writer = null;
        try
        {
            string? current = null;
            long count = 0;
            while (reader.Read())
            {
                if (reader.GetString(0) is var key && key != current)
                {
                    writer?.Dispose();
                    var path = MlrunsFiles.PathOf(folder, current = key);
                    Directory.CreateDirectory(Path.GetDirectoryName(path) ?? folder);
                    writer = new StreamWriter(path) { NewLine = "\n" };
                }

                var value = reader.GetBoolean(3) ? double.NaN : reader.GetDouble(2);
                string?[] parts =
                [
                    reader.GetInt64(1).ToString(CultureInfo.InvariantCulture), MlrunsFiles.Number(value),
                    reader.GetInt64(4).ToString(CultureInfo.InvariantCulture), reader.StringOrNull(5),
                        reader.StringOrNull(6),
                    reader.StringOrNull(7),
                ];
                writer!.WriteLine(string.Join(' ', parts.OfType<string>())); // opened with the first key
                count++;
            }

            return count;
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static List<Row> Rows(DbConnection connection, string sql,
        params object?[] values) => connection.Query(sql, reader =>
    {
        var row = new Row();
        for (var i = 0; i < reader.FieldCount; i++) row[reader.GetName(i)] =
            reader.IsDBNull(i) ? null : reader.GetValue(i);
        return row;
    }, values);

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    /// <summary>A row's values by column.</summary>
    private sealed class Row : Dictionary<string, object?>
    {
        public string? Text(string column) => Convert.ToString(this[column],
            CultureInfo.InvariantCulture) is { Length: > 0 } text
            ? text : this[column] is null ? null : "";
    }

    /// <summary>Files that go along, and the addresses they get.</summary>
    private sealed class Copies(
        ArtifactStore artifacts, string folder, string final, MlrunsReport report, CancellationToken cancellationToken)
    {
        private const string Scheme = "mlflow-artifacts:/";

        /// <summary>An address within the artifact root becomes one within the exported folder; others stay.</summary>
        public string? Address(string? uri) => uri?.StartsWith(Scheme, StringComparison.Ordinal) == true
            ? MlrunsArtifacts.LocalUri(Path.Combine(final, uri[Scheme.Length..].TrimStart('/')))
            : uri;

        public void Take(string? uri, string target)
        {
            if (uri?.StartsWith(Scheme,
                StringComparison.Ordinal) != true || artifacts.FindFolder(uri) is not { } source) return;
            if (Directory.Exists(source)) report.Files += MlrunsArtifacts.CopyFolder(source, target, cancellationToken);
        }

        /// <summary>For a version whose files are no run's: they are taken along to the same place.</summary>
        public string? AddressAndTake(string? uri)
        {
            if (uri?.StartsWith(Scheme, StringComparison.Ordinal) == true)
            {
                var target = Path.Combine(folder, uri[Scheme.Length..].TrimStart('/'));
                if (!Directory.Exists(target)) Take(uri, target);
            }

            return Address(uri);
        }
    }
}
