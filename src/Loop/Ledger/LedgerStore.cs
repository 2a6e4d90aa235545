using System.Data.Common;
using System.Text.Json.Nodes;
using Gyre.Tracking;
using Microsoft.Data.Sqlite;

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
    public static void Append(SqliteConnection connection, LedgerEntry entry)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO gyre_ledger (at, model, kind, summary, run_id, version, evidence)
            VALUES ($at, $model, $kind, $summary, $run, $version, $evidence)
            """;
        command.Parameters.AddWithValue("$at", entry.At.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$model", entry.Model);
        command.Parameters.AddWithValue("$kind", KindText(entry.Kind));
        command.Parameters.AddWithValue("$summary", entry.Summary);
        command.Parameters.AddWithValue("$run", (object?)entry.RunId ?? DBNull.Value);
        command.Parameters.AddWithValue("$version", (object?)entry.Version ?? DBNull.Value);
        command.Parameters.AddWithValue("$evidence", entry.Evidence.ToJsonString(LoopJson.Compact));
        command.ExecuteNonQuery();
    }

    /// <summary>Entries, oldest first.</summary>
    /// <param name="model">Only of this model; null for all.</param>
    /// <param name="kind">Only of this kind; null for all.</param>
    /// <param name="newest">At most this many, the newest; null for all.</param>
    public IReadOnlyList<LedgerEntry> List(string? model = null, LedgerKind? kind = null, int? newest = null)
    {
        using var connection = _database.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT id, at, model, kind, summary, run_id, version, evidence FROM (
              SELECT * FROM gyre_ledger
              WHERE ($model IS NULL OR model = $model) AND ($kind IS NULL OR kind = $kind)
              ORDER BY id DESC LIMIT $newest)
            ORDER BY id
            """;
        Add(command, "$model", model);
        Add(command, "$kind", kind is { } k ? KindText(k) : null);
        Add(command, "$newest", newest ?? -1);
        var entries = new List<LedgerEntry>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) entries.Add(Read(reader));
        return entries;
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

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    private static string KindText(LedgerKind kind) => kind switch
    {
        LedgerKind.RunStarted => "run-started",
        LedgerKind.RunFailed => "run-failed",
        LedgerKind.WatchFailed => "watch-failed",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
