using System.Collections.Immutable;
using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>
/// Another pipeline's probabilities, calibrated: each output by its own <see cref="Calibrator"/>; those of several classes
/// are then divided by their sum. The other pipeline reads the columns itself, so this has
/// <see cref="NoPreprocessing"/>. Immutable.
/// </summary>
public sealed class CalibratedModel : Model
{
    /// <summary>Creates it.</summary>
    /// <param name="inner">A classifier.</param>
    /// <param name="calibrators">One per output.</param>
    /// <exception cref="ArgumentException">The inner pipeline is no classifier, or the numbers differ.</exception>
    public CalibratedModel(FittedPipeline inner, ImmutableArray<Calibrator> calibrators)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!inner.Task.HasClasses()) throw new ArgumentException("Only probabilities are calibrated.", nameof(inner));
        if (calibrators.Length != inner.Outputs)
            throw new ArgumentException($"{calibrators.Length} calibrators for {inner.Outputs} outputs.", nameof(calibrators));
        (Inner, Calibrators) = (inner, calibrators);
    }

    /// <summary>The pipeline whose probabilities are calibrated.</summary>
    public FittedPipeline Inner { get; }

    /// <summary>One per output.</summary>
    public ImmutableArray<Calibrator> Calibrators { get; }

    internal override void Predict(Preprocessing preprocessing, Table table, double[] predictions)
    {
        Inner.Predict(table).Values.CopyTo(predictions);
        Apply(predictions);
    }

    /// <summary>The inner pipeline's predictions, calibrated.</summary>
    internal Predictions Calibrate(Predictions inner)
    {
        var values = inner.Values.ToArray();
        Apply(values);
        return new Predictions(inner.Task, inner.Outputs, values);
    }

    private void Apply(double[] values)
    {
        var outputs = Calibrators.Length;
        for (var i = 0; i < values.Length; i++) values[i] = Calibrators[i % outputs].Apply(values[i]);
        if (outputs == 1) return;
        for (var row = 0; row < values.Length; row += outputs)
        {
            var sum = 0.0;
            for (var k = 0; k < outputs; k++) sum += values[row + k];
            for (var k = 0; k < outputs; k++) values[row + k] /= sum;
        }
    }
}
