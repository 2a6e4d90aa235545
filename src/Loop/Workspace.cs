using Gyre.Data;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Serving.Traffic;
using Gyre.Tracking;

namespace Gyre.Loop;

/// <summary>A workspace's folder and the stores in it. Thread-safe.</summary>
public sealed class Workspace : IDisposable
{
    private readonly bool _ownsDatabase;

    /// <summary>Opens a workspace over a database that the caller keeps.</summary>
    /// <param name="folder">The workspace.</param>
    /// <param name="database">Its database, `.gyre/gyre.db`.</param>
    /// <param name="time">The clock of everything recorded.</param>
    /// <param name="registry">The registry whose events the caller follows; null for one of its own.</param>
    public Workspace(string folder, TrackingDatabase database, TimeProvider time, ModelRegistry? registry = null)
        : this(folder, database, time, registry, ownsDatabase: false)
    {
    }

    private Workspace(
        string folder, TrackingDatabase database, TimeProvider time, ModelRegistry? registry, bool ownsDatabase)
    {
        Folder = Path.GetFullPath(folder);
        Time = time;
        Database = database;
        _ownsDatabase = ownsDatabase;
        Artifacts = new ArtifactStore(ArtifactsFolder(Folder));
        Runs = new RunStore(database, Artifacts, time);
        Registry = registry ?? new ModelRegistry(database, Artifacts, time);
        Snapshots = new SnapshotStore(DataFolder, time);
        Ledger = new LedgerStore(database);
        // Runs and traces read the prediction log, also where no server has run yet; the first brings its tables, too.
        Traffic = TrafficControl.Open(database, Registry, time, TrafficLedger.Of(database));
    }

    /// <summary>The workspace's folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>All metadata.</summary>
    public TrackingDatabase Database { get; }

    /// <summary>Experiments and runs.</summary>
    public RunStore Runs { get; }

    /// <summary>Models, versions, aliases.</summary>
    public ModelRegistry Registry { get; }

    /// <summary>Files of runs.</summary>
    public ArtifactStore Artifacts { get; }

    /// <summary>Data as it was read.</summary>
    public SnapshotStore Snapshots { get; }

    /// <summary>What was seen and decided.</summary>
    public LedgerStore Ledger { get; }

    /// <summary>Which versions of models answer requests.</summary>
    public TrafficControl Traffic { get; }

    /// <summary>`.gyre`, where all state lives.</summary>
    public string StateFolder => StateFolderOf(Folder);

    /// <summary>`.gyre/data`: snapshots, quarantine, feedback.</summary>
    public string DataFolder => Path.Combine(StateFolder, "data");

    /// <summary>The database file of a workspace.</summary>
    public static string DatabasePath(string folder) => Path.Combine(StateFolderOf(folder), "gyre.db");

    /// <summary>The artifact root of a workspace.</summary>
    public static string ArtifactsFolder(string folder) => Path.Combine(StateFolderOf(folder), "artifacts");

    /// <summary>Opens a workspace for commands that write; creates its state where absent.</summary>
    /// <param name="folder">The workspace.</param>
    /// <param name="settings">Says how durable writes are.</param>
    /// <param name="time">The clock of everything recorded.</param>
    /// <param name="store">The database, as `gyre up --store` was told; by default the workspace's own file.</param>
    /// <exception cref="GyreException">The database cannot be opened, or holds other tables.</exception>
    public static Workspace Open(
        string folder, ServingSettings settings, TimeProvider time, StoreAddress? store = null)
    {
        var durability = settings.DurableDevice ? Durability.Device : Durability.Process;
        var database = TrackingDatabase.Open(
            store ?? StoreAddress.OfFile(DatabasePath(folder)), durability, time);
        return new Workspace(folder, database, time, null, ownsDatabase: true);
    }

    /// <summary>Opens a workspace that has been used before.</summary>
    /// <exception cref="GyreException">Nothing has been run in this folder.</exception>
    public static Workspace OpenExisting(string folder, TimeProvider time) =>
        File.Exists(DatabasePath(folder))
            ? Open(folder, new ServingSettings(), time)
            : throw GyreException.NotFound($"{Path.GetFullPath(folder)}: nothing has been run here; try `gyre run`");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsDatabase) Database.Dispose();
    }

    private static string StateFolderOf(string folder) => Path.Combine(Path.GetFullPath(folder), ".gyre");
}
