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

    /// <summary>The scores of every row of a table, before the link.</summary>
    /// <param name="preprocessing">What makes the inputs.</param>
    /// <param name="table">The rows, with the features' columns.</param>
    /// <returns>Row-major, rows × outputs.</returns>
    /// <exception cref="Gyre.Primitives.GyreException">A column is absent or of another kind.</exception>
    public double[] Scores(LinearPreprocessing preprocessing, Table table)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentNullException.ThrowIfNull(table);
        var scores = new double[table.RowCount * Intercepts.Length];
        Score(DesignMatrix.Create(preprocessing, table), scores);
        return scores;
    }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        Score(DesignMatrix.Create((LinearPreprocessing)preprocessing, table), predictions);
        OutputLinks.Apply(Link, predictions, Intercepts.Length);
    }

    /// <summary>Fills row-major rows × outputs scores.</summary>
    internal void Score(DesignMatrix design, double[] scores)
    {
        var outputs = Intercepts.Length;
        var byInput = new double[Weights.Length]; // an input's weights for all classes stand together
        for (var k = 0; k < outputs; k++)
        for (var j = 0; j < Width; j++)
            byInput[(j * outputs) + k] = Weights[(k * Width) + j];
        for (var row = 0; row < design.Rows; row++)
        {
            var own = scores.AsSpan(row * outputs, outputs);
            for (var k = 0; k < outputs; k++) own[k] = Intercepts[k];
            design.AddScores(row, byInput, own);
        }
    }
}
