using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gyre.Primitives;
using Gyre.Tracking.Rest;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>Versions of registered models by MLflow's rules. Thread-safe.</summary>
internal sealed class VersionCatalog(
    TrackingDatabase database, ModelRegistry registry, ModelSources sources, TimeProvider time)
{
    /// <summary>Makes a version, numbered one more than any before; with a logged model also notes it there.</summary>
    /// <param name="row">What it is made of; its location is resolved here.</param>
    /// <param name="modelId">The logged model it is made of, or null.</param>
    /// <param name="cancellationToken">Cancels before the write begins.</param>
    /// <exception cref="GyreException">A name or the source is not allowed; model, run or source is absent.</exception>
    public async Task<VersionRecord> CreateAsync(NewVersion row, string? modelId, CancellationToken cancellationToken)
    {
        RegistryNames.CheckModel(row.Model);
        foreach (var (key, value) in row.Tags) RegistryNames.CheckVersionTag(key, value);
        ModelSources.CheckSteps(row.Source);
        var version = await database.WriteAsync(
            connection =>
            {
                ModelRows.Require(connection, row.Model);
                var location = sources.Resolve(connection, row, modelId);
                var number = VersionRows.Insert(connection, row with { Location = location }, time.Milliseconds());
                if (modelId is not null) NoteRegistration(connection, modelId, row.Model, number);
                return number;
            },
            cancellationToken);
        return Get(row.Model, version);
    }

    /// <summary>Sets the description.</summary>
    /// <exception cref="GyreException">There is no such version.</exception>
    public async Task<VersionRecord> DescribeAsync(
        string model, int version, string description, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            connection => VersionRows.Describe(connection, model, version, description, time.Milliseconds()),
            cancellationToken);
        return Get(model, version);
    }

    /// <summary>Moves a version to a stage, and on request those that are in it to Archived.</summary>
    /// <exception cref="GyreException">There is no such version or stage.</exception>
    public async Task<VersionRecord> TransitionAsync(
        string model, int version, string stage, bool archiveOthers, CancellationToken cancellationToken)
    {
        var known = ModelStages.Parse(stage);
        if (archiveOthers) ModelStages.CheckArchives(known);
        await database.WriteAsync(
            connection => VersionRows.SetStage(connection, model, version, known, archiveOthers, time.Milliseconds()),
            cancellationToken);
        return Get(model, version);
    }

    /// <exception cref="GyreException">There is no such version.</exception>
    public Task DeleteAsync(string model, int version, CancellationToken cancellationToken) =>
        registry.DeleteVersionAsync(model, version, cancellationToken);

    /// <exception cref="GyreException">There is no such version, or the tag is not allowed.</exception>
    public Task SetTagAsync(string model, int version, string key, string value, CancellationToken cancellationToken)
    {
        RegistryNames.CheckVersionTag(key, value);
        return registry.SetVersionTagAsync(model, version, key, value, cancellationToken);
    }

    /// <summary>Removes a tag, if it is there.</summary>
    /// <exception cref="GyreException">There is no such version.</exception>
    public Task DeleteTagAsync(string model, int version, string key, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => VersionRows.DeleteTag(connection, model, version, key), cancellationToken);

    /// <exception cref="GyreException">There is no such version.</exception>
    public VersionRecord Get(string model, int version)
    {
        RegistryNames.CheckModel(model);
        using var connection = database.OpenReader();
        return VersionRows.Find(connection, model, version) ?? throw VersionRows.NotFound(model, version);
    }

    /// <summary>Where the version's files are.</summary>
    /// <exception cref="GyreException">There is no such version.</exception>
    public string DownloadUri(string model, int version)
    {
        var row = Get(model, version);
        return row.Location ?? row.Source ?? "";
    }

    /// <summary>The version an alias leads to; <c>latest</c> leads to the newest of the first stage.</summary>
    /// <exception cref="GyreException">There is no such alias, or its version is deleted.</exception>
    public VersionRecord GetByAlias(string model, string alias)
    {
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            return Latest(model, []).FirstOrDefault()
                ?? throw GyreException.NotFound($"Latest version not found for model {model}.");
        }

        RegistryNames.CheckModel(model);
        RegistryNames.CheckAlias(alias);
        using var connection = database.OpenReader();
        var version = AliasRows.Current(connection, model, alias)
            ?? throw RestException.Parameter($"Registered model alias {alias} not found.");
        return VersionRows.Find(connection, model, version) ?? throw VersionRows.NotFound(model, version);
    }

    /// <summary>The highest version of each stage, with aliases.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stages">The stages, in any case; none for all.</param>
    /// <exception cref="GyreException">There is no such model or stage.</exception>
    public IReadOnlyList<VersionRecord> Latest(string model, IReadOnlyList<string> stages)
    {
        RegistryNames.CheckModel(model);
        var known = stages.Select(ModelStages.Parse).ToHashSet(StringComparer.Ordinal);
        using var connection = database.OpenReader();
        var found = ModelRows.Read(connection, [model]).FirstOrDefault() ?? throw ModelRows.NotFound(model);
        return VersionRows.WithAliases(
            connection, [.. found.Latest.Where(version => known.Count == 0 || known.Contains(version.Stage ?? ""))]);
    }

    /// <summary>Adds the version to the list of registrations that a logged model keeps in a tag.</summary>
    private static void NoteRegistration(DbConnection connection, string modelId, string model, int version)
    {
        const string tag = "mlflow.modelVersions";
        var entry = new JsonObject { ["name"] = model, ["version"] = version };
        var list = TryParse(LoggedModelRows.Tag(connection, modelId, tag) ?? "[]") ?? [];
        list.Add(entry);
        LoggedModelRows.PutTag(connection, modelId, tag, list.ToJsonString());
    }

    private static JsonArray? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonArray;
        }
        catch (JsonException)
        {
            return null; // a user wrote something else under the name
        }
    }
}
