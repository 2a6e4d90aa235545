using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>What was read from a source at one time, as typed Parquet that never changes.</summary>
/// <param name="Hash">The hash of the files' contents and the schema: equal input, equal hash.</param>
/// <param name="Path">The Parquet file.</param>
/// <param name="Rows">The number of rows, in the source's order.</param>
/// <param name="Schema">Names and types of its columns.</param>
/// <param name="Reused">True when it was there already and the source was not parsed again.</param>
public sealed record Snapshot(ContentHash Hash, string Path, long Rows, Schema Schema, bool Reused)
{
    /// <summary>
    /// A Parquet file of the values that did not fit their column's type and are therefore missing in the snapshot: `row` (from
    /// 1), `column`, `text`. Null when all fitted.
    /// </summary>
    public string? RejectsPath =>
        SnapshotStore.RejectsOf(Path) is var rejects && File.Exists(rejects) ? rejects : null;
}
