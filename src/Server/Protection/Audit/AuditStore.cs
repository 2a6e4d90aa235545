using System.Data.Common;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Server.Protection.Audit;

/// <summary>Something that somebody changed, or was not allowed to change.</summary>
public sealed record AuditEntry
{
    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>A key's name, <c>anonymous</c>, or the user of the command line.</summary>
    public required string Caller { get; init; }

    /// <summary>The key's id; null without a key.</summary>
    public string? KeyId { get; init; }

    /// <summary>The network address it came from; null for the command line.</summary>
    public string? Address { get; init; }

    /// <summary>The HTTP method; <c>CLI</c> for the command line.</summary>
    public required string Method { get; init; }

    /// <summary>The route's pattern, or the command.</summary>
    public required string Route { get; init; }

    /// <summary>
    /// What it was done to, such as <c>name=bike alias=champion</c>; null where the request does not say.
    /// </summary>
    public string? Resource { get; init; }

    /// <summary>The HTTP status; 200 for a command that succeeded.</summary>
    public required int Status { get; init; }

    /// <summary>The request's id: <c>X-Request-ID</c> if the client sent one, else the server's.</summary>
    public string? RequestId { get; init; }
}

/// <summary>The audit log of a store. Thread-safe.</summary>
public sealed class AuditStore
{
    private readonly TrackingDatabase _database;

    /// <summary>The log of a database, to which the tables are added where they are absent.</summary>
    public AuditStore(TrackingDatabase database)
    {
        database.Migrate(ProtectionTables.Module, ProtectionTables.Migrations);
        _database = database;
    }

    /// <summary>The newest entries, oldest first.</summary>
    /// <param name="since">Only from this time on; null for all.</param>
    /// <param name="last">At most so many.</param>
    public IReadOnlyList<AuditEntry> List(DateTimeOffset? since, int last)
    {
        using var connection = _database.OpenConnection();
        var entries = connection.Query(
            """
            SELECT at, caller, key_id, address, method, route, resource, status, request_id FROM gyre_audit
            WHERE at >= $1 ORDER BY id DESC LIMIT $2
            """, Read, since?.ToUnixTimeMilliseconds() ?? 0, (long)last);
        entries.Reverse();
        return entries;
    }

    /// <summary>Adds entries and removes those that are too old or too many.</summary>
    internal Task AppendAsync(
        IReadOnlyList<AuditEntry> entries, DateTimeOffset oldest, int kept, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection =>
        {
            foreach (var entry in entries) Insert(connection, entry);
            connection.Execute("DELETE FROM gyre_audit WHERE id <= (SELECT max(id) FROM gyre_audit) - $1", (long)kept);
            connection.Execute("DELETE FROM gyre_audit WHERE at < $1", oldest.ToUnixTimeMilliseconds());
        }, cancellationToken);

    internal static void Insert(DbConnection connection, AuditEntry entry) => connection.Execute(
        """
        INSERT INTO gyre_audit (at, caller, key_id, address, method, route, resource, status, request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        entry.At.ToUnixTimeMilliseconds(), entry.Caller, entry.KeyId, entry.Address, entry.Method, entry.Route,
        entry.Resource, (long)entry.Status, entry.RequestId);

    private static AuditEntry Read(DbDataReader row) => new()
    {
        At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)),
        Caller = row.GetString(1),
        KeyId = row.StringOrNull(2),
        Address = row.StringOrNull(3),
        Method = row.GetString(4),
        Route = row.GetString(5),
        Resource = row.StringOrNull(6),
        Status = (int)row.GetInt64(7),
        RequestId = row.StringOrNull(8),
    };
}
