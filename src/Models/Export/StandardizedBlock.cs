using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>Numbers imputed and standardised in float32, as the trainer does it.</summary>
/// <param name="Matrix">[N, features], float32.</param>
/// <param name="Missing">[N, features], true where the number was missing.</param>
/// <param name="Features">The features in the order of the columns, each with its place in the list given.</param>
internal sealed record StandardizedBlock(string Matrix, string Missing, (NumericLinearFeature Feature, int Index)[] Features)
{
    /// <summary>Writes the block.</summary>
    public static StandardizedBlock Write(GraphMath math, RawColumns columns, IReadOnlyList<NumericLinearFeature> features)
    {
        var door = new FeatureMatrix(math);
        foreach (var feature in features) door.Add(columns.Feature(feature.Name), feature.Name);
        var (matrix, positions) = door.Build();
        var ordered = new (NumericLinearFeature Feature, int Index)[features.Count];
        for (var i = 0; i < ordered.Length; i++) ordered[positions[i]] = (features[i], i);
        var (standard, missing) = Standardize(math, matrix, [.. ordered.Select(f => f.Feature)]);
        return new StandardizedBlock(standard, missing, ordered);
    }

    /// <summary>
    /// Numbers [N, features] with the medians where they are missing, standardised in float32; and where they are.
    /// </summary>
    public static (string Standard, string Missing) Standardize(
        GraphMath math, string matrix, IReadOnlyList<NumericLinearFeature> features)
    {
        string Row(Func<NumericLinearFeature, float> value) =>
            math.Graph.Constant(Constants.Of([.. features.Select(value)], 1, features.Count));
        var missing = math.IsNaN(matrix);
        var filled = math.Where(missing, Row(f => f.Median), matrix);
        return (math.Multiply(math.Subtract(filled, Row(f => f.Mean)), Row(f => f.InverseScale)), missing);
    }
}
