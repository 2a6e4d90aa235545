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

    private readonly ModelExplainer? _explainer;

    private BatchModel(ModelVersion version, ModelScorer scorer, ModelExplainer? explainer, string hash)
    {
        (Version, _scorer, _explainer, _hash) = (version, scorer, explainer, hash);
        Rows = new ModelRows(scorer);
        if (explainer is not null) Rows = new ExplainedRows(Rows, explainer);
    }

    public ModelVersion Version { get; }

    public IRowScorer Rows { get; }

    /// <exception cref="GyreException">There is no such version; it cannot be explained where that is asked.</exception>
    public static BatchModel Load(Workspace workspace, BatchRequest request)
    {
        var version = VersionReference.Find(workspace.Registry, request.Model);
        var explainer = request.Explain ? ModelExplainer.Load(version.Folder) : null;
        var scorer = ModelScorer.Load(version.Folder);
        return new BatchModel(version, scorer, explainer, ContentHash.Of(File.ReadAllBytes(Path.Combine(version.Folder, ModelPackage.ModelFile))).Hex);
    }

    public BatchIdentity IdentityOf(RowStream rows, BatchOutput output, BatchRequest request) => new(
        BatchIdentity.Current, $"{Version.Model} version {Version.Version}", _hash, [.. rows.Files],
        [.. output.FileColumnsWanted.Select(c => $"{c.Name}: {c.Sql}")], request.Limit);

    public void Dispose()
    {
        _scorer.Dispose();
        _explainer?.Dispose();
    }
}
