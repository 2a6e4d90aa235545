using System.Data.Common;

namespace Gyre.Tracking.Storage;

/// <summary>Lets one process at a time define tables in a PostgreSQL database, until its transaction ends.</summary>
internal static class SchemaLock
{
    private const long Key = 0x67797265_736368; // "gyre sch"

    /// <summary>
    /// To be called first in the transaction: it then sees what the one before it committed, as a serializable one,
    /// whose view is older than its turn, would not.
    /// </summary>
    public static void Take(DbConnection connection)
    {
        connection.Execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
        connection.Execute("SELECT pg_advisory_xact_lock($1)", Key);
    }
}
