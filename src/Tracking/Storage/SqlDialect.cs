namespace Gyre.Tracking.Storage;

/// <summary>The databases that Gyre stores its metadata in, where their SQL differs.</summary>
public enum SqlDialect
{
    /// <summary>SQLite, in a file.</summary>
    Sqlite,

    /// <summary>PostgreSQL, on a server.</summary>
    Postgres,
}
