using System.Globalization;
using Gyre.Primitives;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>Imports the registry of a file store, <c>models/</c>: each model in one transaction.</summary>
internal sealed class MlrunsRegistryImport(TrackingDatabase database, MlrunsArtifacts files, MlrunsReport report)
{
    private sealed record Version(
        int Number, Dictionary<string, string?> Meta, string? Source, string? Location, List<KeyValuePair<string,
            string>> Tags);

    public async Task RunAsync(string folder, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (MlrunsFiles.ReadMeta(path) is not { } meta) continue;
            progress?.Report($"model {Path.GetFileName(path)}");
            await ImportAsync(path, meta, cancellationToken);
        }
    }

    private async Task ImportAsync(string path, Dictionary<string, string?> meta, CancellationToken cancellationToken)
    {
        var name = meta.GetValueOrDefault("name") ?? Path.GetFileName(path);
        var tags = MlrunsFiles.ReadValues(Path.Combine(path, "tags"));
        var aliases = MlrunsFiles.ReadValues(Path.Combine(path, "aliases"))
            .Select(pair => (pair.Key, Version: int.Parse(pair.Value.Trim(), CultureInfo.InvariantCulture))).ToList();
        var versions = new List<Version>();
        foreach (var folder in Directory.GetDirectories(path, "version-*"))
        {
            if (MlrunsFiles.ReadMeta(folder) is not { } version) continue;
            var number = int.Parse(
                version.GetValueOrDefault("version") ?? Path.GetFileName(folder)["version-".Length..],
                    CultureInfo.InvariantCulture);
            versions.Add(new Version(number, version,
                await files.SourceAsync(version.GetValueOrDefault("source"), cancellationToken),
                await files.SourceAsync(version.GetValueOrDefault("storage_location"), cancellationToken),
                MlrunsFiles.ReadValues(Path.Combine(folder, "tags"))));
        }

        var (isNew, added) = await database.WriteAsync(
            connection =>
            {
                var made = connection.Put("registered_models",
                    ("name", name), ("workspace", "default"), ("creation_time", Time(meta, "creation_timestamp")),
                    ("last_updated_time", Time(meta, "last_updated_timestamp")), ("description",
                        meta.GetValueOrDefault("description")));
                foreach (var (key, value) in tags)
                    connection.Put("registered_model_tags", ("workspace", "default"), ("name", name), ("key", key),
                        ("value", value));
                var count = versions.Count(version => Put(connection, name, version));
                foreach (var (alias, version) in aliases)
                    connection.Put("registered_model_aliases", ("workspace", "default"), ("name", name), ("alias",
                        alias), ("version", version));
                return (made, count);
            },
            cancellationToken);
        if (isNew) report.Models++;
        report.Versions += added;
    }

    private static bool Put(System.Data.Common.DbConnection connection, string model, Version version)
    {
        var meta = version.Meta;
        if (!connection.Put("model_versions",
                ("workspace", "default"), ("name", model), ("version", version.Number),
                ("creation_time", Time(meta, "creation_timestamp")), ("last_updated_time", Time(meta,
                    "last_updated_timestamp")),
                ("description", meta.GetValueOrDefault("description")), ("user_id", meta.GetValueOrDefault("user_id")),
                ("current_stage", meta.GetValueOrDefault("current_stage") ?? "None"), ("source", version.Source),
                ("run_id", meta.GetValueOrDefault("run_id")), ("status", meta.GetValueOrDefault("status") ?? "READY"),
                ("status_message", meta.GetValueOrDefault("status_message")), ("run_link",
                    meta.GetValueOrDefault("run_link")),
                ("storage_location", version.Location))) return false;
        foreach (var (key, value) in version.Tags)
        {
            connection.Put("model_version_tags",
                ("workspace", "default"), ("name", model), ("version", version.Number), ("key", key), ("value", value));
        }

        return true;
    }

    private static long? Time(Dictionary<string, string?> meta, string name) =>
        long.TryParse(meta.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
