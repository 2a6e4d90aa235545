using System.Collections.Immutable;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>A transform to be learnt.</summary>
/// <param name="Name">The column it adds, or the beginning of their names.</param>
/// <param name="Kind">What is learnt.</param>
/// <param name="Columns">Numeric, integer or boolean columns, at least one; of frozen features one image column.</param>
/// <param name="Count">Components, 1 to the number of columns, or clusters, 2 to 1,000; of frozen features 0.</param>
public sealed record TransformSettings(string Name, TransformKind Kind, ImmutableArray<string> Columns, int Count)
{
    /// <summary>Of clusters: whether the distances to the centres become columns instead of the nearest one's name.</summary>
    public bool Distances { get; init; }

    /// <summary>Of frozen features: the model.</summary>
    public IFeatureExtractor? Extractor { get; init; }

    /// <summary>Learns it from training rows.</summary>
    /// <exception cref="GyreException">A column is absent or holds no numbers, or there are fewer rows than clusters.</exception>
    public Transform Fit(Table rows, TrainingContext context)
    {
        if (Extractor is not null) return FrozenFeatures.Fit(Name, Columns[0], Extractor, rows);
        foreach (var name in Columns)
        {
            if (!rows.TryGet(name, out var column))
                throw GyreException.Invalid($"Transform '{Name}': there is no feature column '{name}'.");
            if (column.Type is not (ColumnType.Numeric or ColumnType.Integer or ColumnType.Boolean))
                throw GyreException.Invalid($"Transform '{Name}': column '{name}' holds no numbers.");
        }

        ImmutableArray<NumericLinearFeature> inputs =
            [.. Columns.Select(name => LinearPreprocessingFitter.FitNumber(rows[name]) with { HasMissingIndicator = false })];
        return Kind == TransformKind.Pca
            ? PrincipalComponentsFitter.Fit(this, inputs, rows, context.CancellationToken)
            : ClustersFitter.Fit(this, inputs, rows, context);
    }
}

/// <summary>What a transform learns.</summary>
public enum TransformKind
{
    /// <summary>Principal components.</summary>
    Pca,

    /// <summary>Cluster centres.</summary>
    KMeans,

    /// <summary>Nothing: a model that was trained elsewhere makes numbers of images.</summary>
    Frozen,
}
