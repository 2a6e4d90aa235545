using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>Predicts the same for every row: the baseline that a real model has to beat.</summary>
public sealed class ConstantModel : Model
{
    /// <summary>Creates it.</summary>
    public ConstantModel(ImmutableArray<float> values) => Values = values;

    /// <summary>The prediction: the mean (regression), P(positive) (binary), or the share of each class
    /// (multiclass).</summary>
    public ImmutableArray<float> Values { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        for (var i = 0; i < predictions.Length; i++) predictions[i] = Values[i % Values.Length];
    }
}
