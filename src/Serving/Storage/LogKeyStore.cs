using System.Security.Cryptography;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>The key of the prediction log's hashes: made at its first use, the same for good. Thread-safe.</summary>
internal sealed class LogKeyStore(TrackingDatabase database)
{
    private const int KeyBytes = 32;

    /// <summary>The key. Blocks until it is committed.</summary>
    public byte[] Get()
    {
        using (var connection = database.OpenConnection())
        {
            if (Read(connection) is { } known) return known;
        }

        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        return database.WriteAsync(connection =>
        {
            // Another server may have been first.
            connection.Execute("INSERT INTO gyre_log_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING", made);
            return Read(connection)!; // there is one now
        }).GetAwaiter().GetResult();
    }

    private static byte[]? Read(System.Data.Common.DbConnection connection) =>
        connection.Scalar("SELECT key FROM gyre_log_key WHERE id = 1") is string key
            ? Convert.FromHexString(key) : null;
}
