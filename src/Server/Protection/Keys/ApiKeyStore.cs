using System.Data.Common;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Server.Protection.Audit;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Server.Protection.Keys;

/// <summary>What a new key shall be.</summary>
public sealed record KeyRequest
{
    /// <summary>
    /// 1 to 64 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, <c>@</c>; not the name of a key that works.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>At least one.</summary>
    public required Scopes Scopes { get; init; }

    /// <summary>The models that predictions may be asked of; null for all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>How fast it may be used; null without a limit.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>How often it may be used; null without a limit.</summary>
    public Quota? Quota { get; init; }

    /// <summary>How long it works; null for ever.</summary>
    public TimeSpan? Lifetime { get; init; }
}

/// <summary>
/// The keys of a store, of which only hashes are kept. Running servers follow within
/// <see cref="ProtectionOptions.KeyPollInterval"/>. Thread-safe.
/// </summary>
public sealed class ApiKeyStore
{
    private const string Columns =
        "key_id, name, scopes, models, rate, quota, created_at, expires_at, revoked_at, hash, previous_hash, "
        + "previous_until";

    private const string NextRevision = "(SELECT coalesce(max(revision), 0) + 1 FROM gyre_api_keys)";

    private readonly TrackingDatabase _database;
    private readonly TimeProvider _time;

    /// <summary>The keys of a database, to which the tables are added where they are absent.</summary>
    public ApiKeyStore(TrackingDatabase database, TimeProvider time)
    {
        database.Migrate(ProtectionTables.Module, ProtectionTables.Migrations);
        (_database, _time) = (database, time);
    }

    /// <summary>Makes a key.</summary>
    /// <exception cref="GyreException">The request is not valid, or a key of this name works.</exception>
    public async Task<IssuedKey> CreateAsync(KeyRequest request, CancellationToken cancellationToken)
    {
        CheckName(request.Name);
        if (request.Scopes == Scopes.None)
            throw GyreException.Invalid($"A key needs a scope; there are {ScopeNames.All}.");
        var now = _time.GetUtcNow();
        var key = new ApiKey
        {
            Id = KeyText.NewId(),
            Name = request.Name,
            Scopes = request.Scopes,
            Models = request.Models,
            Rate = request.Rate,
            Quota = request.Quota,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            ExpiresAt = request.Lifetime is { } lifetime
                ? DateTimeOffset.FromUnixTimeMilliseconds((now + lifetime).ToUnixTimeMilliseconds()) : null,
        };
        var issued = Issue(key, out var hash);
        await _database.WriteAsync(connection =>
        {
            Insert(connection, key, hash, now);
            Tell(connection, "keys create", key, now.ToUnixTimeMilliseconds());
        }, cancellationToken);
        return issued;
    }

    /// <summary>All keys, also those that no longer work, by name.</summary>
    public IReadOnlyList<ApiKey> List()
    {
        using var connection = _database.OpenConnection();
        return connection.Query($"SELECT {Columns} FROM gyre_api_keys ORDER BY name, created_at", Read);
    }

    /// <summary>Revokes the key of a name or id; there is no way back.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="GyreException">There is none that is not revoked.</exception>
    public Task<ApiKey> RevokeAsync(string nameOrId, CancellationToken cancellationToken) =>
        ChangeAsync("keys revoke", nameOrId, (connection, key, now) => connection.Execute(
            $"UPDATE gyre_api_keys SET revoked_at = $1, revision = {NextRevision} WHERE key_id = $2", now, key.Id),
            cancellationToken);

    /// <summary>
    /// Gives the key of a name or id another secret. Name, id, limits and what was used of a quota stay.
    /// </summary>
    /// <param name="nameOrId">Which.</param>
    /// <param name="overlap">How long the present secret goes on working.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GyreException">There is none that works.</exception>
    public async Task<IssuedKey> RotateAsync(string nameOrId, TimeSpan overlap, CancellationToken cancellationToken)
    {
        IssuedKey? issued = null;
        await ChangeAsync("keys rotate", nameOrId, (connection, key, now) =>
        {
            if (key.ExpiresAt <= _time.GetUtcNow())
                throw new GyreException(ErrorCode.Conflict, $"The key '{key.Name}' has expired; create a new one.");
            issued = Issue(key, out var hash);
            connection.Execute(
                $"""
                UPDATE gyre_api_keys SET previous_hash = hash, previous_until = $1, hash = $2, revision = {NextRevision}
                WHERE key_id = $3
                """, now + (long)overlap.TotalMilliseconds, hash, key.Id);
        }, cancellationToken);
        return issued!; // the change ran, or threw
    }

    /// <summary>A number that grows with every change.</summary>
    internal long Revision()
    {
        using var connection = _database.OpenConnection();
        return (long)connection.Scalar("SELECT coalesce(max(revision), 0) FROM gyre_api_keys")!; // never NULL
    }

    /// <summary>The keys that are not revoked, with their hashes.</summary>
    internal List<StoredKey> Load()
    {
        using var connection = _database.OpenConnection();
        return connection.Query($"SELECT {Columns} FROM gyre_api_keys WHERE revoked_at IS NULL",
            row => new StoredKey(Read(row), (byte[])row[9], row.IsDBNull(10) ? null : (byte[])row[10],
                row.TimeOrNull(11)));
    }

    private async Task<ApiKey> ChangeAsync(
        string command, string nameOrId, Action<DbConnection, ApiKey, long> change, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        return await _database.WriteAsync(connection =>
        {
            // An expired key may have left its name to a newer one.
            var keys = connection.Query(
                $"""
                SELECT {Columns} FROM gyre_api_keys WHERE revoked_at IS NULL AND (key_id = $1 OR name = $1)
                ORDER BY created_at DESC LIMIT 1
                """, Read, nameOrId);
            if (keys.Count == 0) throw GyreException.NotFound($"There is no key '{nameOrId}' that is not revoked.");
            change(connection, keys[0], now);
            Tell(connection, command, keys[0], now);
            return keys[0];
        }, cancellationToken);
    }

    // Whoever can reach the database needs no key; the system's user is all that is known of them.
    private static void Tell(DbConnection connection, string command, ApiKey key, long now) =>
        AuditStore.Insert(connection, new AuditEntry
        {
            At = DateTimeOffset.FromUnixTimeMilliseconds(now),
            Caller = Environment.UserName,
            KeyId = key.Id,
            Method = "CLI",
            Route = command,
            Resource = $"name={key.Name} scopes={ScopeNames.Format(key.Scopes)}",
            Status = 200,
        });

    private static IssuedKey Issue(ApiKey key, out byte[] hash)
    {
        var text = KeyText.NewKey(key.Id);
        hash = new byte[KeyText.HashLength];
        KeyText.Hash(text, hash);
        return new IssuedKey(key, text);
    }

    private static void Insert(DbConnection connection, ApiKey key, byte[] hash, DateTimeOffset now)
    {
        if (connection.Scalar(
            """
            SELECT 1 FROM gyre_api_keys
            WHERE name = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            """,
            key.Name, now.ToUnixTimeMilliseconds()) is not null)
        {
            throw new GyreException(ErrorCode.AlreadyExists, $"There is a key '{key.Name}'; revoke or rotate it.");
        }

        connection.Execute(
            $"""
            INSERT INTO gyre_api_keys
              (key_id, name, hash, scopes, models, rate, quota, created_at, expires_at, revision)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {NextRevision})
            """,
            key.Id, key.Name, hash, ScopeNames.Format(key.Scopes),
            key.Models is null ? null : JsonSerializer.Serialize(key.Models), key.Rate?.ToString(),
            key.Quota?.ToString(), key.CreatedAt.ToUnixTimeMilliseconds(), key.ExpiresAt?.ToUnixTimeMilliseconds());
    }

    private static ApiKey Read(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        Scopes = ScopeNames.ParseStored(row.GetString(2)),
        Models = row.StringOrNull(3) is { } models ? JsonSerializer.Deserialize<string[]>(models) : null,
        Rate = row.StringOrNull(4) is { } rate ? RateLimit.Parse(rate) : null,
        Quota = row.StringOrNull(5) is { } quota ? Quota.Parse(quota) : null,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
        ExpiresAt = row.TimeOrNull(7),
        RevokedAt = row.TimeOrNull(8),
    };

    private static void CheckName(string name)
    {
        if (name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || "._-@".Contains(c))) return;
        throw GyreException.Invalid($"'{name}' is no name of a key: 1 to 64 letters, digits, '.', '_', '-' or '@'.");
    }
}

/// <summary>A key with what is needed to recognise it.</summary>
internal sealed record StoredKey(ApiKey Key, byte[] Hash, byte[]? PreviousHash, DateTimeOffset? PreviousUntil);
