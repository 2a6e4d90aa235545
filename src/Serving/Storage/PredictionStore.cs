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
