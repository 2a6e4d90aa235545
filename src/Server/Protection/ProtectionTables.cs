using Gyre.Tracking;

namespace Gyre.Server.Protection;

/// <summary>The tables that the server owns.</summary>
internal static class ProtectionTables
{
    public const string Module = "server";

    public static readonly Migration[] Migrations =
    [
        new(1, """
            CREATE TABLE gyre_api_keys (
              key_id TEXT PRIMARY KEY,
              name TEXT NOT NULL,
              hash BLOB NOT NULL, -- SHA-256 of the whole key
              previous_hash BLOB, -- before the last rotation, valid until previous_until
              previous_until INTEGER,
              scopes TEXT NOT NULL, -- names separated by commas
              models TEXT, -- a JSON array; NULL for all models
              rate TEXT,
              quota TEXT,
              created_at INTEGER NOT NULL, -- ms since 1970 UTC, as all times here
              expires_at INTEGER,
              revoked_at INTEGER,
              revision INTEGER NOT NULL -- grows with every change of any key: what servers ask for
            ) WITHOUT ROWID;
            CREATE INDEX gyre_api_keys_revision ON gyre_api_keys (revision);
            CREATE TABLE gyre_api_usage (
              key_id TEXT NOT NULL,
              period_start INTEGER NOT NULL,
              used INTEGER NOT NULL,
              PRIMARY KEY (key_id, period_start)
            ) WITHOUT ROWID;
            CREATE TABLE gyre_audit (
              id INTEGER PRIMARY KEY AUTOINCREMENT,
              at INTEGER NOT NULL,
              caller TEXT NOT NULL, -- a key's name, 'anonymous', or the user of the command line
              key_id TEXT,
              address TEXT,
              method TEXT NOT NULL,
              route TEXT NOT NULL,
              resource TEXT,
              status INTEGER NOT NULL,
              request_id TEXT
            );
            CREATE INDEX gyre_audit_at ON gyre_audit (at);
            """),
    ];
}
