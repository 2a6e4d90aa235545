using Gyre.Tracking;

namespace Gyre.Serving.Traffic.Storage;

/// <summary>The tables of traffic policies.</summary>
internal static class TrafficTables
{
    public const string Module = "traffic";

    public static readonly Migration[] Migrations =
    [
        new(1, """
            CREATE TABLE gyre_traffic (
              model TEXT PRIMARY KEY,
              policy TEXT NOT NULL, -- JSON, as the API takes it
              state TEXT NOT NULL, -- JSON
              revision INTEGER NOT NULL, -- one more with every change
              changed_at INTEGER NOT NULL, -- ms since 1970 UTC
              changed_by TEXT NOT NULL
            ) WITHOUT ROWID;
            -- What each server counted since it started; what all saw is the sum over servers.
            CREATE TABLE gyre_traffic_arms (
              model TEXT NOT NULL,
              epoch INTEGER NOT NULL,
              step INTEGER NOT NULL,
              arm TEXT NOT NULL,
              server TEXT NOT NULL,
              requests INTEGER NOT NULL,
              failed INTEGER NOT NULL,
              refused INTEGER NOT NULL,
              latency TEXT NOT NULL, -- bucket:count of durations, eight buckets an octave of microseconds
              PRIMARY KEY (model, epoch, step, arm, server)
            ) WITHOUT ROWID;
            CREATE TABLE gyre_shadow (
              model TEXT NOT NULL,
              epoch INTEGER NOT NULL,
              server TEXT NOT NULL,
              requests INTEGER NOT NULL, -- compared
              rows INTEGER NOT NULL,
              equal_rows INTEGER NOT NULL, -- rows with the same label, or the same numbers to 1e-6
              numbers INTEGER NOT NULL,
              absolute_difference REAL NOT NULL, -- sum over numbers
              largest_difference REAL NOT NULL,
              failed INTEGER NOT NULL,
              dropped INTEGER NOT NULL,
              champion_latency TEXT NOT NULL,
              challenger_latency TEXT NOT NULL,
              PRIMARY KEY (model, epoch, server)
            ) WITHOUT ROWID;
            """),
    ];
}
