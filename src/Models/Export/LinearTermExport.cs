using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Training;

namespace Gyre.Models.Export;

/// <summary>
/// Writes the terms that a linear model's scores are sums of, one per feature and output, with the parts that write
/// the model:
/// without the intercepts they add up to <see cref="LinearModelExport.Scores"/>.
/// </summary>
internal static class LinearTermExport
{
    /// <summary>The terms, [N, width] float64.</summary>
    /// <returns>The matrix, its width, and each term's column in it: of each feature one per output.</returns>
    public static (string Matrix, int Width, ImmutableArray<int> Positions) Terms(
        GraphMath math, RawColumns columns, LinearPreprocessing preprocessing, LinearModel model)
    {
        var outputs = model.Intercepts.Length;
        var features = preprocessing.Features;
        var (parts, positions, width) = (new List<string>(), new int[features.Length * outputs], 0);
        AddNumbers();
        var start = 0;
        for (var f = 0; f < features.Length; start += features[f++].Width)
        {
            if (features[f] is NumericLinearFeature) continue;
            parts.Add(LinearModelExport.Term(math, columns, features[f], start, model));
            for (var k = 0; k < outputs; k++) positions[(f * outputs) + k] = width++;
        }

        var matrix = parts.Count == 1 ? parts[0] : math.Graph.Node("Concat", [.. parts], NodeAttribute.Of("axis", 1L));
        return (matrix, width, [.. positions]);

        void AddNumbers()
        {
            int[] numeric = [.. Enumerable.Range(0, features.Length).Where(f => features[f] is NumericLinearFeature)];
            if (numeric.Length == 0) return;
            var block = StandardizedBlock.Write(
                math, columns, [.. numeric.Select(f => (NumericLinearFeature)features[f])]);
            for (var k = 0; k < outputs; k++)
            {
                parts.Add(LinearModelExport.Terms(math, preprocessing, block, k, model));
                foreach (var (_, index) in block.Features) positions[(numeric[index] * outputs) + k] = width++;
            }
        }
    }
}
