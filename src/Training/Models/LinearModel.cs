using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Scores that are linear in the inputs of a <see cref="LinearPreprocessing"/>:
/// score k = intercept k + Σ weight[k, j] × input j. Prediction sums in float64.
/// </summary>
public sealed class LinearModel : Model
{
    /// <summary>Creates it.</summary>
    /// <param name="weights">Row-major, outputs × width.</param>
    /// <param name="intercepts">One per output.</param>
    /// <param name="link">What turns scores into predictions.</param>
    /// <exception cref="ArgumentException">The weights do not make a row per intercept.</exception>
    public LinearModel(ImmutableArray<float> weights, ImmutableArray<float> intercepts, OutputLink link)
    {
        if (intercepts.Length == 0 || weights.Length % intercepts.Length != 0)
            throw new ArgumentException($"{weights.Length} weights do not make {intercepts.Length} rows.",
                nameof(weights));
        (Weights, Intercepts, Link) = (weights, intercepts, link);
    }

    /// <summary>Row-major, outputs × width; outputs is 1, or the number of classes for softmax.</summary>
    public ImmutableArray<float> Weights { get; }

    /// <summary>One per output.</summary>
    public ImmutableArray<float> Intercepts { get; }

    /// <summary>What turns scores into predictions.</summary>
    public OutputLink Link { get; }

    /// <summary>The number of inputs.</summary>
    public int Width => Weights.Length / Intercepts.Length;

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        Score(DesignMatrix.Create((LinearPreprocessing)preprocessing, table), predictions);
        OutputLinks.Apply(Link, predictions, Intercepts.Length);
    }

    /// <summary>Fills row-major rows × outputs scores.</summary>
    internal void Score(DesignMatrix design, double[] scores)
    {
        var outputs = Intercepts.Length;
        var weights = Weights.AsSpan();
        for (var row = 0; row < design.Rows; row++)
        {
            for (var k = 0; k < outputs; k++)
                scores[(row * outputs) + k] = Intercepts[k] + design.Dot(row, weights.Slice(k * Width, Width));
        }
    }
}
