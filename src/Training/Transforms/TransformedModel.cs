using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>A pipeline that sees, beside its columns, those that transforms compute from them.</summary>
public sealed class TransformedModel : Model
{
    /// <summary>Creates it.</summary>
    /// <param name="transforms">What is computed first.</param>
    /// <param name="inner">The pipeline over the wider table.</param>
    public TransformedModel(ImmutableArray<Transform> transforms, FittedPipeline inner) => (Transforms, Inner) = (transforms, inner);

    /// <summary>What is computed first, each from the raw columns.</summary>
    public ImmutableArray<Transform> Transforms { get; }

    /// <summary>The pipeline over the wider table.</summary>
    public FittedPipeline Inner { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions) =>
        Inner.Model.Predict(Inner.Preprocessing, table.With(Transforms.SelectMany(t => t.Apply(table))), predictions);
}
