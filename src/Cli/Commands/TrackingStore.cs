using System.CommandLine;
using Gyre.Loop;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>The database and the artifacts that a command works on: the workspace's, or the database that `--store` names.</summary>
internal sealed class TrackingStore : IDisposable
{
    private TrackingStore(StoreAddress address, string folder, TimeProvider time)
    {
        Database = TrackingDatabase.Open(address, Durability.Device, time);
        Artifacts = new ArtifactStore(Workspace.ArtifactsFolder(folder));
    }

    public TrackingDatabase Database { get; }

    public ArtifactStore Artifacts { get; }

    public static TrackingStore Open(ParseResult parsed, Option<DirectoryInfo> project, Option<string?> store) => new(
        AddressOf(parsed, project, store), parsed.GetValue(project)!.FullName, TimeProvider.System); // has a default

    /// <summary>The address of the database.</summary>
    public static StoreAddress AddressOf(ParseResult parsed, Option<DirectoryInfo> project, Option<string?> store) =>
        parsed.GetValue(store) is { } text
            ? StoreAddress.Parse(text)
            : StoreAddress.OfFile(Workspace.DatabasePath(parsed.GetValue(project)!.FullName)); // has a default

    public void Dispose() => Database.Dispose();
}
