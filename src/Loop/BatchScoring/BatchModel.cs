using Gyre.Data;
using Gyre.Loop.Deployment;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Loop.BatchScoring;

/// <summary>The version that scores.</summary>
internal sealed class BatchModel : IDisposable
{
    private readonly ModelScorer _scorer;
    private readonly string _hash;

    private BatchModel(ModelVersion version, ModelScorer scorer, string hash)
    {
        (Version, _scorer, _hash) = (version, scorer, hash);
        Rows = new ModelRows(scorer);
    }

    public ModelVersion Version { get; }

    public IRowScorer Rows { get; }

    public static BatchModel Load(Workspace workspace, string reference)
    {
        var version = VersionReference.Find(workspace.Registry, reference);
        var scorer = ModelScorer.Load(version.Folder);
        return new BatchModel(version, scorer, ContentHash.Of(File.ReadAllBytes(Path.Combine(version.Folder, ModelPackage.ModelFile))).Hex);
    }

    public BatchIdentity IdentityOf(RowStream rows, BatchOutput output, BatchRequest request) => new(
        BatchIdentity.Current, $"{Version.Model} version {Version.Version}", _hash, [.. rows.Files],
        [.. output.FileColumnsWanted.Select(c => $"{c.Name}: {c.Sql}")], request.Limit);

    public void Dispose() => _scorer.Dispose();
}
