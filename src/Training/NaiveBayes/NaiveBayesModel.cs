using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Scores of classes with normal laws: score k = linear score k − ½ Σ precision[k, i] × (input i − mean[k, i])² over
/// the numbers that are there. For a binary task the score is that of the positive class minus the negative's.
/// Prediction sums in float64.
/// </summary>
public sealed class NaiveBayesModel : Model
{
    /// <summary>Creates it.</summary>
    /// <param name="linear">The part that is linear in the inputs, with one output for a binary task.</param>
    /// <param name="inputs">The positions of the numbers among the inputs; the next input is 1 where it is
    /// missing.</param>
    /// <param name="means">Row-major, classes × numbers.</param>
    /// <param name="precisions">1 over the variances, in the same layout.</param>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    public NaiveBayesModel(
        LinearModel linear, ImmutableArray<int> inputs, ImmutableArray<float> means, ImmutableArray<float> precisions)
    {
        ArgumentNullException.ThrowIfNull(linear);
        var classes = linear.Intercepts.Length == 1 ? 2 : linear.Intercepts.Length;
        if (means.Length != classes * inputs.Length || precisions.Length != means.Length)
            throw new ArgumentException($"{means.Length} means do not fit {inputs.Length} numbers.", nameof(means));
        (Linear, Inputs, Means, Precisions, Classes) = (linear, inputs, means, precisions, classes);
    }

    /// <summary>The part that is linear in the inputs; its link is the model's.</summary>
    public LinearModel Linear { get; }

    /// <summary>The positions of the numbers among the inputs.</summary>
    public ImmutableArray<int> Inputs { get; }

    /// <summary>Row-major, classes × numbers.</summary>
    public ImmutableArray<float> Means { get; }

    /// <summary>1 over the variances, row-major, classes × numbers.</summary>
    public ImmutableArray<float> Precisions { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        var design = DesignMatrix.Create((LinearPreprocessing)preprocessing, table);
        var outputs = Linear.Intercepts.Length;
        Linear.Score(design, predictions);
        var places = Inputs.Select(input => design.DensePositions.IndexOf(input)).ToArray();
        var scores = new double[Classes];
        for (var row = 0; row < table.RowCount; row++)
        {
            Square(design.Dense(row), places, scores);
            if (outputs == 1) predictions[row] += scores[1] - scores[0];
            else Numerics.VectorMath.AddScaled(predictions.AsSpan(row * outputs, outputs), 1, scores);
        }

        OutputLinks.Apply(Linear.Link, predictions, outputs);
    }

    private void Square(ReadOnlySpan<float> dense, int[] places, double[] scores)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = 0;
            for (var i = 0; i < places.Length; i++)
            {
                if (dense[places[i] + 1] != 0) continue;
                var distance = (double)dense[places[i]] - Means[(k * places.Length) + i];
                scores[k] -= 0.5 * Precisions[(k * places.Length) + i] * distance * distance;
            }
        }
    }
}
