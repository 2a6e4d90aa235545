using Gyre.Serving.Recording;
using Gyre.Tracking;
using Gyre.Tracking.Storage;

namespace Gyre.Serving.Storage;

/// <summary>Writes predictions. Thread-safe.</summary>
internal sealed class PredictionStore(TrackingDatabase database)
{
    /// <summary>Stores the blocks together; completes after the commit. They must not change meanwhile.</summary>
    public Task AppendAsync(IReadOnlyList<BlockWriter> blocks, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                foreach (var block in blocks) BlockTable.Append(connection, block);
            },
            cancellationToken);

    /// <summary>
    /// Deletes some blocks of a model, the oldest ones, whose requests all came before a time, with the feedback on
    /// their predictions; completes after the commit.
    /// </summary>
    /// <returns>How many records went; 0 when there are none left.</returns>
    public Task<long> DeleteAsync(
        string model, DateTimeOffset before, int blocks, CancellationToken cancellationToken) =>
        database.WriteAsync(
            connection =>
            {
                var old = connection.Query(
                    """
                    SELECT block_id, first_id, last_id, rows FROM gyre_prediction_blocks
                    WHERE model = $1 AND first_at < $2 AND last_at < $2 ORDER BY first_at LIMIT $3
                    """,
                    reader => (Id: reader.GetInt64(0), First: reader.GetString(1), Last: reader.GetString(2),
                        Rows: reader.GetInt64(3)),
                    model, before.ToUnixTimeMilliseconds(), (long)blocks);
                foreach (var block in old)
                {
                    // Ids of the same moment in another block are as old to a second, and go with the next step.
                    connection.Execute(
                        "DELETE FROM gyre_feedback WHERE model = $1 AND prediction_id BETWEEN $2 AND $3",
                        model, block.First, block.Last);
                    connection.Execute("DELETE FROM gyre_prediction_blocks WHERE block_id = $1", block.Id);
                }

                return old.Sum(block => block.Rows);
            },
            cancellationToken);

    /// <summary>
    /// Writes a block and takes it back in one transaction, so that the code and statements of the first real one are
    /// ready: compiling them may take longer than a record may follow its answer.
    /// </summary>
    public Task WarmUpAsync(CancellationToken cancellationToken) => database.WriteAsync(
        connection =>
        {
            const string name = "warm-up";
            using var block = new BlockWriter();
            block.Begin(name, 0);
            block.Append(new StoredPrediction(name, name, 0, 0, 0, "{}", "0", 0));
            block.Close();
            BlockTable.Append(connection, block);
            connection.Execute("DELETE FROM gyre_prediction_blocks WHERE bucket = $1", name);
        },
        cancellationToken);
}
