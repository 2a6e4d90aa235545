using Gyre.Tracking;

namespace Gyre.Serving.Storage;

/// <summary>The tables that Serving owns. Monitoring and the loop read them.</summary>
internal static class ServingTables
{
    public const string Module = "serving";

    public static readonly Migration[] Migrations =
    [
        new(1, """
            CREATE TABLE gyre_predictions (
              prediction_id TEXT PRIMARY KEY,
              model TEXT NOT NULL,
              version INTEGER NOT NULL,
              requested_at INTEGER NOT NULL, -- ms since 1970 UTC
              row_index INTEGER NOT NULL,
              inputs TEXT NOT NULL, -- JSON object column -> value; timestamps in microseconds
              output TEXT NOT NULL, -- JSON: a number, or {"label":…,"probabilities":{class:p}}
              latency_us INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX gyre_predictions_model ON gyre_predictions (model, requested_at);
            CREATE TABLE gyre_feedback (
              prediction_id TEXT PRIMARY KEY,
              model TEXT NOT NULL,
              actual TEXT NOT NULL, -- JSON scalar
              received_at INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX gyre_feedback_model ON gyre_feedback (model, received_at);
            CREATE TABLE gyre_rejections (
              id INTEGER PRIMARY KEY,
              model TEXT NOT NULL,
              at INTEGER NOT NULL,
              reason TEXT NOT NULL,
              column_name TEXT,
              message TEXT NOT NULL
            );
            CREATE INDEX gyre_rejections_model ON gyre_rejections (model, at);
            """),
        new(2, BlockTable.Sql) { Move = BlockTable.MoveRows, Definition = BlockTable.View },
        new(3, "CREATE TABLE gyre_log_key (id INTEGER PRIMARY KEY, key TEXT NOT NULL)"),
    ];
}
