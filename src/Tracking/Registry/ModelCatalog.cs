using Gyre.Primitives;
using Gyre.Tracking.Search;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// Registered models by MLflow's rules; prompts are registered models with a tag. Versions and aliases are
/// <see cref="VersionCatalog"/>'s and <see cref="ModelRegistry"/>'s. Thread-safe.
/// </summary>
internal sealed class ModelCatalog(TrackingDatabase database, ModelRegistry registry, TimeProvider time)
{
    /// <summary>Makes a model.</summary>
    /// <exception cref="GyreException">The name or a tag is not allowed, or the name is taken.</exception>
    public async Task<ModelRecord> CreateAsync(
        string name, string? description, IReadOnlyCollection<KeyValuePair<string, string>> tags,
        CancellationToken cancellationToken)
    {
        RegistryNames.CheckModel(name);
        foreach (var (key, value) in tags) RegistryNames.CheckModelTag(key, value);
        await database.WriteAsync(
            connection =>
            {
                if (!ModelRows.TryInsert(connection, name, description, tags, time.Milliseconds()))
                    throw Taken(name, ModelRows.IsPrompt(connection, name), ModelRows.IsPrompt(tags));
            },
            cancellationToken);
        return Get(name);
    }

    /// <summary>Renames a model; the history of its aliases goes with it.</summary>
    /// <exception cref="GyreException">It does not exist, or the new name is not allowed or taken.</exception>
    public async Task<ModelRecord> RenameAsync(string name, string to, CancellationToken cancellationToken)
    {
        RegistryNames.CheckModel(to);
        var aliases = await database.WriteAsync(
            connection =>
            {
                ModelRows.Require(connection, name);
                if (to != name && ModelRows.Exists(connection, to))
                    throw new GyreException(ErrorCode.AlreadyExists, $"Registered Model (name={to}) already exists.");
                ModelRows.Rename(connection, name, to, time.Milliseconds());
                AliasRows.Rename(connection, name, to);
                return AliasRows.Of(connection, to);
            },
            cancellationToken);
        var now = time.GetUtcNow();
        foreach (var (alias, version) in aliases)
        {
            registry.Announce([
                new(name, alias, AliasChangeKind.Remove, version, null, now, $"renamed to {to}"),
                new(to, alias, AliasChangeKind.Set, null, version, now, $"renamed from {name}"),
            ]);
        }

        return Get(to);
    }

    /// <summary>Sets the description.</summary>
    /// <exception cref="GyreException">There is no such model.</exception>
    public async Task<ModelRecord> DescribeAsync(string name, string description, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            connection => ModelRows.Describe(connection, name, description, time.Milliseconds()), cancellationToken);
        return Get(name);
    }

    /// <summary>Deletes a model with its versions, tags and aliases. Their files stay.</summary>
    /// <exception cref="GyreException">There is no such model.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        registry.Announce(await database.WriteAsync(
            connection =>
            {
                var removed = AliasRows.RemoveAll(connection, name, "the model was deleted", time.Milliseconds());
                ModelRows.Delete(connection, name);
                return removed;
            },
            cancellationToken));

    /// <exception cref="GyreException">There is no such model, or the tag is not allowed.</exception>
    public Task SetTagAsync(string name, string key, string value, CancellationToken cancellationToken)
    {
        RegistryNames.CheckModelTag(key, value);
        return database.WriteAsync(connection => ModelRows.SetTag(connection, name, key, value), cancellationToken);
    }

    /// <summary>Removes a tag, if it is there.</summary>
    /// <exception cref="GyreException">There is no such model.</exception>
    public Task DeleteTagAsync(string name, string key, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => ModelRows.DeleteTag(connection, name, key), cancellationToken);

    /// <exception cref="GyreException">There is no such model.</exception>
    public ModelRecord Get(string name)
    {
        RegistryNames.CheckModel(name);
        using var connection = database.OpenReader();
        return ModelRows.Read(connection, [name]).FirstOrDefault() ?? throw ModelRows.NotFound(name);
    }

    private static GyreException Taken(string name, bool byPrompt, bool forPrompt)
    {
        var wanted = forPrompt ? "Prompt" : "Registered Model";
        return new GyreException(ErrorCode.AlreadyExists, byPrompt == forPrompt
            ? $"{wanted} (name={name}) already exists."
            : $"Tried to create a {wanted.ToLowerInvariant()} with name '{name}', but the name is already taken by a "
                + $"{(byPrompt ? "prompt" : "registered model")}. MLflow does not allow creating a model and a prompt "
                + "with the same name.");
    }
}
