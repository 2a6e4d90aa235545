using System.Data.Common;
using System.Text.Json.Nodes;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Loop.Ledger;

/// <summary>
/// The ledger's table. Entries are committed before the call returns and are never changed. Thread-safe.
/// </summary>
public sealed class LedgerStore
{
    private static readonly Migration[] _migrations =
    [
        new(1,
            """
            CREATE TABLE gyre_ledger (
              id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, model TEXT NOT NULL, kind TEXT NOT NULL,
              summary TEXT NOT NULL, run_id TEXT, version INTEGER, evidence TEXT NOT NULL);
            CREATE INDEX gyre_ledger_model_kind ON gyre_ledger (model, kind, id);
            """),
    ];

    private readonly TrackingDatabase _database;

    /// <summary>Opens the ledger, creating its table where it is absent.</summary>
    public LedgerStore(TrackingDatabase database)
    {
        _database = database;
        database.Migrate("loop", _migrations);
    }

    /// <summary>Adds an entry; it is committed when the task completes.</summary>
    public Task AppendAsync(LedgerEntry entry, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection => Append(connection, entry), cancellationToken);

    /// <summary>Adds an entry inside the caller's transaction, so that it is there exactly when what it tells of is.</summary>
    public static void Append(DbConnection connection, LedgerEntry entry) => connection.Execute(
        """
        INSERT INTO gyre_ledger (at, model, kind, summary, run_id, version, evidence)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        entry.At.ToUnixTimeMilliseconds(), entry.Model, KindText(entry.Kind), entry.Summary, entry.RunId, entry.Version,
        entry.Evidence.ToJsonString(LoopJson.Compact));

    /// <summary>Entries, oldest first.</summary>
    /// <param name="model">Only of this model; null for all.</param>
    /// <param name="kind">Only of this kind; null for all.</param>
    /// <param name="newest">At most this many, the newest; null for all.</param>
    public IReadOnlyList<LedgerEntry> List(string? model = null, LedgerKind? kind = null, int? newest = null)
    {
        using var connection = _database.OpenConnection();
        var conditions = new List<string>();
        var values = new List<object?>();
        if (model is not null) Where("model", model);
        if (kind is { } wanted) Where("kind", KindText(wanted));
        var where = conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";
        values.Add(newest ?? long.MaxValue);
        return connection.Query(
            $"""
            SELECT id, at, model, kind, summary, run_id, version, evidence FROM (
              SELECT * FROM gyre_ledger {where} ORDER BY id DESC LIMIT ${values.Count}) AS newest
            ORDER BY id
            """,
            Read, [.. values]);

        void Where(string column, object value)
        {
            values.Add(value);
            conditions.Add($"{column} = ${values.Count}");
        }
    }

    private static LedgerEntry Read(DbDataReader reader) => new(
        reader.GetInt64(0),
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)),
        reader.GetString(2),
        Enum.Parse<LedgerKind>(reader.GetString(3).Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetInt32(6),
        JsonNode.Parse(reader.GetString(7))?.AsObject() ?? []);

    private static string KindText(LedgerKind kind) => kind switch
    {
        LedgerKind.RunStarted => "run-started",
        LedgerKind.RunFailed => "run-failed",
        LedgerKind.WatchFailed => "watch-failed",
        LedgerKind.ModelLoad => "model-load",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
