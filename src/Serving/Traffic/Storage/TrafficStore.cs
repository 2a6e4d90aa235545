using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Serving.Traffic.Policies;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Traffic.Storage;

/// <summary>A model's policy and where it stands, as they are stored.</summary>
internal sealed record TrafficRow(
    string Model, TrafficPolicy Policy, TrafficState State, long Revision, DateTimeOffset ChangedAt, string ChangedBy)
{
    /// <summary>Whether the policy decides about requests.</summary>
    public bool IsActive => State.Status is TrafficStatus.Running or TrafficStatus.Paused;
}

/// <summary>
/// The table <c>gyre_traffic</c>. A change names the revision that it was decided on, so that of two servers which
/// decide the same only one does it. Thread-safe.
/// </summary>
internal sealed class TrafficStore
{
    private const string Columns = "model, policy, state, revision, changed_at, changed_by";

    private readonly TrackingDatabase _database;

    public TrafficStore(TrackingDatabase database)
    {
        database.Migrate(TrafficTables.Module, TrafficTables.Migrations);
        _database = database;
    }

    /// <summary>
    /// All rows, by model, but those of a policy that only a newer program knows: there the champion answers, and the
    /// other models' policies are followed all the same.
    /// </summary>
    public IReadOnlyList<TrafficRow> List()
    {
        using var connection = _database.OpenConnection();
        return [.. connection.Query($"SELECT {Columns} FROM gyre_traffic ORDER BY model", TryRead).OfType<TrafficRow>()];
    }

    /// <summary>The sum of all revisions, which rises with every change.</summary>
    public long SumOfRevisions()
    {
        using var connection = _database.OpenConnection();
        return Convert.ToInt64(
            connection.Scalar("SELECT sum(revision) FROM gyre_traffic") ?? 0, CultureInfo.InvariantCulture);
    }

    /// <summary>The row of a model, or null.</summary>
    public TrafficRow? Find(string model)
    {
        using var connection = _database.OpenConnection();
        return Find(connection, model);
    }

    /// <summary>Runs a change; it is committed when the task completes.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, T> change, CancellationToken cancellationToken) =>
        _database.WriteAsync(change, cancellationToken);

    /// <summary>The row of a model, or null, as the transaction sees it.</summary>
    public static TrafficRow? Find(DbConnection connection, string model) =>
        connection.Query($"SELECT {Columns} FROM gyre_traffic WHERE model = $1", Read, model).FirstOrDefault();

    /// <summary>
    /// Stores a row if the model still has the revision before it; 0 stands for no row.
    /// </summary>
    /// <returns>Whether it did.</returns>
    public static bool TryStore(DbConnection connection, TrafficRow row)
    {
        if (row.Revision > 1)
        {
            return connection.Execute(
                """
                UPDATE gyre_traffic SET policy = $1, state = $2, revision = $3, changed_at = $4, changed_by = $5
                WHERE model = $6 AND revision = $7
                """,
                PolicyWriter.Write(row.Policy).ToJsonString(), row.State.ToJson().ToJsonString(), row.Revision,
                row.ChangedAt.ToUnixTimeMilliseconds(), row.ChangedBy, row.Model, row.Revision - 1) == 1;
        }

        return connection.Execute(
            $"INSERT INTO gyre_traffic ({Columns}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (model) DO NOTHING",
            row.Model, PolicyWriter.Write(row.Policy).ToJsonString(), row.State.ToJson().ToJsonString(), row.Revision,
            row.ChangedAt.ToUnixTimeMilliseconds(), row.ChangedBy) == 1;
    }

    private static TrafficRow? TryRead(DbDataReader reader)
    {
        try
        {
            return Read(reader);
        }
        catch (GyreException)
        {
            return null;
        }
    }

    private static TrafficRow Read(DbDataReader reader)
    {
        using var policy = JsonDocument.Parse(reader.GetString(1));
        return new TrafficRow(
            reader.GetString(0), PolicyReader.Read(policy.RootElement), TrafficState.Parse(reader.GetString(2)),
            reader.GetInt64(3), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), reader.GetString(5));
    }
}
