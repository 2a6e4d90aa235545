using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>
/// Finds what each feature of a model was made of. Contributions of features that come from one raw column alone are
/// summed to that column.
/// </summary>
internal sealed class ColumnSources
{
    private readonly ImmutableArray<DerivedColumn> _derived;
    private readonly Dictionary<string, Transform> _transforms = new(StringComparer.Ordinal);
    private readonly Schema _raw;

    /// <param name="derived">The columns that a graph derives from raw ones.</param>
    /// <param name="raw">The graph's inputs.</param>
    public ColumnSources(ImmutableArray<DerivedColumn> derived, Schema raw) => (_derived, _raw) = (derived, raw);

    /// <summary>What contributions belong to, raw columns first, in the order of the graph's inputs.</summary>
    public ImmutableArray<ExplainedColumn> Columns { get; private set; } = [];

    /// <summary>Adds the columns that a transform computes.</summary>
    public void Add(Transform transform)
    {
        var names = transform switch
        {
            PrincipalComponents components => Enumerable.Range(0, components.Count).Select(components.ColumnName),
            Clusters { Distances: true } clusters =>
                Enumerable.Range(1, clusters.Count).Select(c => $"{clusters.Name}_{c}"),
            FrozenFeatures frozen => Enumerable.Range(0, frozen.Count).Select(frozen.ColumnName),
            _ => [transform.Name],
        };
        foreach (var name in names) _transforms[name] = transform;
    }

    /// <summary>Fills <see cref="Columns"/>.</summary>
    /// <param name="features">The column of each feature.</param>
    /// <returns>Per feature, the position of what its contribution belongs to.</returns>
    public int[] Assign(IReadOnlyList<string> features)
    {
        var owners = features.Select(OwnerOf).ToArray();
        var inputs = _raw.Select(c => c.Name).ToList();
        Columns =
        [
            // Stable: those that are computed stay in the features' order.
            .. owners.DistinctBy(o => (o.Name, o.IsRaw))
                .OrderBy(o => o.IsRaw ? inputs.IndexOf(o.Name) : inputs.Count),
        ];
        return [.. owners.Select(o => Columns.IndexOf(Columns.First(c => c.Name == o.Name && c.IsRaw == o.IsRaw)))];
    }

    private ExplainedColumn OwnerOf(string feature)
    {
        var sources = SourcesOf(feature).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        if (sources.Length == 1) return new ExplainedColumn(sources[0], []);
        var name = _transforms.TryGetValue(feature, out var transform) ? transform.Name : feature;
        return new ExplainedColumn(name, sources);
    }

    private IEnumerable<string> SourcesOf(string column)
    {
        if (_transforms.TryGetValue(column, out var transform))
        {
            return transform is FrozenFeatures frozen ? SourcesOf(frozen.Column)
                : transform.Inputs.SelectMany(input => SourcesOf(input.Name));
        }

        return _derived.FirstOrDefault(d => d.Name == column) is { } derived
            ? derived.Expression.DescendantsAndSelf().OfType<ColumnReference>().SelectMany(r => SourcesOf(r.Name))
            : [column];
    }
}
