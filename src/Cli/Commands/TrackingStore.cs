using System.CommandLine;
using Gyre.Loop;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>
/// The options that name a database and artifacts, by default the workspace's, as `gyre up` takes them.
/// </summary>
internal sealed class TrackingStore
{
    public Option<string?> Store { get; } = new("--store")
    {
        Description =
            "The database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE; by default the workspace's.",
        HelpName = "ADDRESS",
    };

    public Option<string?> Artifacts { get; } = new("--artifacts")
    {
        Description = "Where files of runs and models are kept, as `gyre up` was told; by default the workspace's folder.",
        HelpName = "ROOT",
    };

    public Option<DirectoryInfo> Project { get; } = CommonOptions.Project();

    public void AddTo(Command command, bool withArtifacts = true)
    {
        command.Options.Add(Store);
        if (withArtifacts) command.Options.Add(Artifacts);
        command.Options.Add(Project);
    }

    /// <summary>The address of the database.</summary>
    public StoreAddress AddressIn(ParseResult parsed) => parsed.GetValue(Store) is { } text
        ? StoreAddress.Parse(text)
        : StoreAddress.OfFile(Workspace.DatabasePath(parsed.GetValue(Project)!.FullName)); // has a default

    /// <summary>Opens the database.</summary>
    public TrackingDatabase OpenIn(ParseResult parsed) => TrackingDatabase.Open(AddressIn(parsed), Durability.Device);

    /// <summary>Opens a database that is there, for commands that read or change what was made before.</summary>
    /// <exception cref="GyreException">There is none; none is made.</exception>
    public TrackingDatabase OpenExistingIn(ParseResult parsed)
    {
        var address = AddressIn(parsed);
        if (address.File is { } file && !File.Exists(file))
            throw GyreException.NotFound($"{file}: there is no such database; nothing has been run here");
        return TrackingDatabase.Open(address, Durability.Device);
    }

    /// <summary>The artifact root, if it was named.</summary>
    public ArtifactRoot? RootIn(ParseResult parsed) =>
        parsed.GetValue(Artifacts) is { } text ? ArtifactRoot.Parse(text) : null;

    /// <summary>The artifacts of a local folder.</summary>
    /// <exception cref="GyreException">They are in a bucket.</exception>
    public ArtifactStore LocalIn(ParseResult parsed) => RootIn(parsed) is { Bucket: not null } root
        ? throw new GyreException(ErrorCode.Refused,
            $"--artifacts: {root} is a bucket; this command reads and writes folders. Copy the bucket by its own tools.")
        : FolderIn(parsed);

    /// <summary>The local artifact folder, whatever root was named.</summary>
    public ArtifactStore FolderIn(ParseResult parsed) =>
        new(RootIn(parsed)?.Folder ?? Workspace.ArtifactsFolder(parsed.GetValue(Project)!.FullName)); // has a default
}
