using System.Data.Common;
using Gyre.Loop.Ledger;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Loop.Alerts;

/// <summary>
/// The table of alerts. Of one kind, model and version at most one is open, also where several servers see the same;
/// what opens or ends one stands in the ledger with it, in one transaction. Thread-safe.
/// </summary>
public sealed class AlertStore
{
    private const string Columns = "id, model, kind, version, summary, opened_at, resolved_at, resolution";

    private static readonly Migration[] _migrations =
    [
        new(1,
            """
            CREATE TABLE gyre_alerts (
              id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
              summary TEXT NOT NULL, opened_at INTEGER NOT NULL, resolved_at INTEGER, resolution TEXT);
            CREATE UNIQUE INDEX gyre_alerts_open ON gyre_alerts (model, kind, version) WHERE resolved_at IS NULL;
            """),
    ];

    private readonly TrackingDatabase _database;

    /// <summary>Opens the alerts of a database, creating the tables where they are absent.</summary>
    public AlertStore(TrackingDatabase database)
    {
        _ = new LedgerStore(database); // makes the ledger's table
        database.Migrate("alerts", _migrations);
        _database = database;
    }

    /// <summary>Opens an alert, unless one of its kind, model and version is open: then only its text is renewed.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="entry">What the ledger says of it when it is new.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <returns>Whether it is new.</returns>
    public Task<bool> OpenAsync(Alert alert, LedgerEntry entry, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection =>
        {
            var added = connection.Execute(
                """
                INSERT INTO gyre_alerts (model, kind, version, summary, opened_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING
                """,
                alert.Model, Text(alert.Kind), alert.Version, alert.Summary, alert.OpenedAt.ToUnixTimeMilliseconds());
            if (added > 0) LedgerStore.Append(connection, entry);
            else
            {
                connection.Execute(
                    """
                    UPDATE gyre_alerts SET summary = $1
                    WHERE model = $2 AND kind = $3 AND version = $4 AND resolved_at IS NULL
                    """,
                    alert.Summary, alert.Model, Text(alert.Kind), alert.Version);
            }

            return added > 0;
        }, cancellationToken);

    /// <summary>Ends open alerts of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="which">Which of its open alerts.</param>
    /// <param name="at">When they ended.</param>
    /// <param name="resolution">Why, one line.</param>
    /// <param name="cancellationToken">Honoured until the change begins.</param>
    /// <returns>Those that this call ended.</returns>
    public async Task<IReadOnlyList<Alert>> ResolveAsync(
        string model, Func<Alert, bool> which, DateTimeOffset at, string resolution, CancellationToken cancellationToken)
    {
        // Mostly there is none: then nothing waits for the database's one writer.
        if (!List(model, openOnly: true).Any(which)) return [];
        return await _database.WriteAsync<IReadOnlyList<Alert>>(connection =>
            [.. Read(connection, model, openOnly: true).Where(which)
                .Where(alert => TryResolve(connection, alert, at, resolution))], cancellationToken);
    }

    /// <summary>Ends one alert, for people who have looked at it.</summary>
    /// <returns>The alert; null when there is no open one of this number.</returns>
    public Task<Alert?> ResolveAsync(long id, DateTimeOffset at, string resolution, CancellationToken cancellationToken) =>
        _database.WriteAsync(connection =>
        {
            var alert = connection.Query($"SELECT {Columns} FROM gyre_alerts WHERE id = $1", Read, id).FirstOrDefault();
            return alert is { ResolvedAt: null } && TryResolve(connection, alert, at, resolution)
                ? alert with { ResolvedAt = at, Resolution = resolution } : null;
        }, cancellationToken);

    /// <summary>Alerts, oldest first.</summary>
    /// <param name="model">Only of this model; null for all.</param>
    /// <param name="openOnly">Whether those that have ended are left out.</param>
    /// <param name="newest">At most this many, the newest.</param>
    public IReadOnlyList<Alert> List(string? model = null, bool openOnly = false, int newest = 1000)
    {
        using var connection = _database.OpenConnection();
        return Read(connection, model, openOnly, newest);
    }

    private static List<Alert> Read(DbConnection connection, string? model, bool openOnly, int newest = int.MaxValue)
    {
        var alerts = connection.Query(
            $"""
            SELECT {Columns} FROM gyre_alerts WHERE ($1 = '' OR model = $1)
            {(openOnly ? "AND resolved_at IS NULL" : "")} ORDER BY id DESC LIMIT $2
            """, Read, model ?? "", (long)newest);
        alerts.Reverse();
        return alerts;
    }

    private static bool TryResolve(DbConnection connection, Alert alert, DateTimeOffset at, string resolution)
    {
        var done = connection.Execute(
            "UPDATE gyre_alerts SET resolved_at = $1, resolution = $2 WHERE id = $3 AND resolved_at IS NULL",
            at.ToUnixTimeMilliseconds(), resolution, alert.Id) == 1;
        if (!done) return false;
        LedgerStore.Append(connection, new LedgerEntry(0, at, alert.Model, LedgerKind.ModelLoad, resolution, null,
            alert.Version, LoopJson.Evidence(new { @event = "resolved", alert = alert.Id, opened = alert.OpenedAt })));
        return true;
    }

    private static Alert Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1),
        Enum.Parse<AlertKind>(row.GetString(2).Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        (int)row.GetInt64(3), row.GetString(4), Time(row.GetInt64(5)))
    {
        ResolvedAt = row.IsDBNull(6) ? null : Time(row.GetInt64(6)),
        Resolution = row.IsDBNull(7) ? null : row.GetString(7),
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string Text(AlertKind kind) => kind switch
    {
        AlertKind.ModelLoad => "model-load",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of alert."),
    };
}
