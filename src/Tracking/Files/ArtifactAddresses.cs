using Gyre.Primitives;
using Gyre.Tracking.Rest;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>Where the files of a run, logged model or version are.</summary>
/// <param name="Uri">The address as the database holds it.</param>
/// <param name="Path">The path of it.</param>
internal readonly record struct ArtifactAddress(string Uri, string Path);

/// <summary>Finds the files of runs, logged models and versions.</summary>
internal sealed class ArtifactAddresses(
    TrackingDatabase database, VersionCatalog versions, LoggedModelStore models, IArtifactRepository repository)
{
    /// <exception cref="GyreException">There is no such run, or its files are elsewhere.</exception>
    public ArtifactAddress OfRun(string runId)
    {
        using var connection = database.OpenConnection();
        return Resolve(connection.Scalar("SELECT artifact_uri FROM runs WHERE run_uuid = $1", runId) as string
            ?? throw GyreException.NotFound($"Run with id={runId} not found"));
    }

    /// <exception cref="GyreException">There is no such logged model, or its files are elsewhere.</exception>
    public ArtifactAddress OfModel(string modelId) => Resolve(models.Get(modelId).ArtifactUri);

    /// <exception cref="GyreException">There is no such version, or its files are elsewhere.</exception>
    public ArtifactAddress OfVersion(string name, int version) => Resolve(versions.DownloadUri(name, version));

    // Only what lies below the server's root: whoever may name a place could else read any file of the server.
    private ArtifactAddress Resolve(string uri) => repository.FindPath(uri) is { } path
        ? new ArtifactAddress(uri, ArtifactPath.Parse(path))
        : throw RestException.Parameter(
            $"'{uri}' lies outside this server's artifact root; clients reach it by themselves.");
}
