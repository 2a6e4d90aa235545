using System.Globalization;
using Gyre.Primitives;
using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>The tables <c>registered_model_aliases</c> and <c>gyre_alias_history</c>.</summary>
internal static class AliasRows
{
    public static AliasChange Set(
        DbConnection connection, string model, string alias, int version, string reason, long now)
    {
        VersionRows.Require(connection, model, version);
        return Move(connection, new AliasChange(
            model, alias, AliasChangeKind.Set, Current(connection, model, alias), version,
            DateTimeOffset.FromUnixTimeMilliseconds(now), reason));
    }

    public static AliasChange Rollback(DbConnection connection, string model, string alias, string reason, long now)
    {
        var previous = Previous(connection, model, alias) ?? throw new GyreException(ErrorCode.Conflict,
            $"The model '{model}' has no earlier '{alias}' to go back to.");
        return Move(connection, new AliasChange(
            model, alias, AliasChangeKind.Rollback, Current(connection, model, alias), previous,
            DateTimeOffset.FromUnixTimeMilliseconds(now), reason));
    }

    public static AliasChange? Remove(DbConnection connection, string model, string alias, string reason, long now)
    {
        if (Current(connection, model, alias) is not { } current) return null;
        connection.Execute(
            "DELETE FROM registered_model_aliases WHERE workspace = 'default' AND name = $1 AND alias = $2",
            model, alias);
        return Record(connection, new AliasChange(model, alias, AliasChangeKind.Remove, current, null,
            DateTimeOffset.FromUnixTimeMilliseconds(now), reason));
    }

    /// <summary>
    /// Records that a version was deleted under its aliases. MLflow keeps them: they are listed, and lead nowhere.
    /// </summary>
    public static List<AliasChange> LoseVersion(DbConnection connection, string model, int version, long now) =>
        [.. connection.Query(
                "SELECT alias FROM registered_model_aliases WHERE workspace = 'default' AND name = $1 AND version = $2",
                reader => reader.GetString(0), model, version)
            .Select(alias => Record(connection, new AliasChange(model, alias, AliasChangeKind.Remove, version, null,
                DateTimeOffset.FromUnixTimeMilliseconds(now), $"version {version} was deleted")))];

    /// <summary>Takes all aliases of a model away.</summary>
    public static List<AliasChange> RemoveAll(DbConnection connection, string model, string reason, long now) =>
        [.. Of(connection, model)
            .Select(alias => Remove(connection, model, alias.Key, reason, now)).OfType<AliasChange>()];

    /// <summary>Lets the history follow a model to its new name.</summary>
    public static void Rename(DbConnection connection, string model, string to) =>
        connection.Execute("UPDATE gyre_alias_history SET model = $2 WHERE model = $1", model, to);

    public static List<KeyValuePair<string, int>> Of(DbConnection connection, string model) => connection.Query(
        "SELECT alias, version FROM registered_model_aliases WHERE workspace = 'default' AND name = $1 ORDER BY alias",
        reader => KeyValuePair.Create(reader.GetString(0), reader.GetInt32(1)), model);

    /// <summary>Where an alias points, be the version deleted or not; null when there is none.</summary>
    public static int? Current(DbConnection connection, string model, string alias) => connection.Scalar(
        "SELECT version FROM registered_model_aliases WHERE workspace = 'default' AND name = $1 AND alias = $2",
        model, alias) is { } version ? Convert.ToInt32(version, CultureInfo.InvariantCulture) : null;

    /// <summary>For every model that has the alias the version it points at, unless that is deleted.</summary>
    public static Dictionary<string, int> VersionsOf(DbConnection connection, string alias) => connection.Query(
            """
            SELECT a.name, a.version FROM registered_model_aliases a
            JOIN model_versions v ON v.workspace = a.workspace AND v.name = a.name AND v.version = a.version
            WHERE a.workspace = 'default' AND a.alias = $1 AND coalesce(v.current_stage, '') <> 'Deleted_Internal'
            """,
            reader => (Name: reader.GetString(0), Version: reader.GetInt32(1)), alias)
        .ToDictionary(row => row.Name, row => row.Version, StringComparer.Ordinal);

    public static List<AliasChange> History(DbConnection connection, string model, string alias) => connection.Query(
        """
        SELECT kind, from_version, to_version, at, reason FROM gyre_alias_history
        WHERE model = $1 AND alias = $2 ORDER BY id
        """,
        reader => new AliasChange(model, alias, Enum.Parse<AliasChangeKind>(reader.GetString(0), ignoreCase: true),
            reader.IsDBNull(1) ? null : reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetInt32(2),
            DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)), reader.GetString(4)),
        model, alias);

    /// <summary>
    /// The version before the present one. The history is read as a stack: a promotion puts the former version on it, a
    /// rollback takes one off, so that rolling back twice goes two versions back instead of forth again.
    /// </summary>
    public static int? Previous(DbConnection connection, string model, string alias)
    {
        var former = new Stack<int>();
        foreach (var change in History(connection, model, alias))
        {
            if (change.Kind == AliasChangeKind.Rollback)
                while (former.TryPop(out var popped) && popped != change.ToVersion) continue;
            else if (change.FromVersion is { } from) former.Push(from);
        }

        var current = Current(connection, model, alias);
        var existing = connection.Query(
            """
            SELECT version FROM model_versions
            WHERE workspace = 'default' AND name = $1 AND coalesce(current_stage, '') <> 'Deleted_Internal'
            """,
            reader => reader.GetInt32(0), model).ToHashSet();
        while (former.TryPop(out var version))
        {
            if (version != current && existing.Contains(version)) return version;
        }

        return null;
    }

    private static AliasChange Move(DbConnection connection, AliasChange change)
    {
        if (change.FromVersion == change.ToVersion) return change;
        connection.Execute(
            """
            INSERT INTO registered_model_aliases (alias, version, name) VALUES ($1, $2, $3)
            ON CONFLICT (workspace, name, alias) DO UPDATE SET version = excluded.version
            """,
            change.Alias, change.ToVersion, change.Model);
        return Record(connection, change);
    }

    private static AliasChange Record(DbConnection connection, AliasChange change)
    {
        connection.Execute(
            """
            INSERT INTO gyre_alias_history (model, alias, kind, from_version, to_version, at, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            change.Model, change.Alias, change.Kind.ToString().ToLowerInvariant(), change.FromVersion, change.ToVersion,
            change.At.ToUnixTimeMilliseconds(), change.Reason);
        return change;
    }
}
