using Gyre.Fixtures;

namespace Gyre.Tracking.Tests;

/// <summary>A database and stores in a folder of their own.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Workspace(Durability durability = Durability.Process)
        : this(null, durability)
    {
    }

    public Workspace(PostgresServer server, DatabaseKind kind)
        : this(
            kind == DatabaseKind.Postgres ? StoreAddress.Parse(server.CreateDatabaseAddress()) : null,
            Durability.Process)
    {
    }

    private Workspace(StoreAddress? address, Durability durability)
    {
        Time = new ManualTime();
        DatabasePath = _folder.File("gyre.db");
        Address = address ?? StoreAddress.OfFile(DatabasePath);
        Database = TrackingDatabase.Open(Address, durability, Time);
        Artifacts = new ArtifactStore(_folder.File("artifacts"));
        Runs = new RunStore(Database, Artifacts, Time);
        Registry = new ModelRegistry(Database, Artifacts, Time);
    }

    public ManualTime Time { get; }

    public string DatabasePath { get; }

    public StoreAddress Address { get; }

    public TrackingDatabase Database { get; }

    public ArtifactStore Artifacts { get; }

    public RunStore Runs { get; }

    public ModelRegistry Registry { get; }

    public string Folder => _folder.Path;

    /// <summary>A complete package folder to register.</summary>
    public string Package(string name = "model")
    {
        var folder = Path.Combine(Artifacts.Root, "packages", name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "MLmodel"), "flavors: {}\n");
        return folder;
    }

    public void Dispose()
    {
        Database.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
