using System.Collections.Immutable;
using Gyre.Models;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>A model package, run by ONNX Runtime. Thread-safe until disposed.</summary>
internal sealed class OnnxScorer : IScorer
{
    private readonly ModelScorer _scorer;

    private OnnxScorer(ModelScorer scorer)
    {
        _scorer = scorer;
        Labels = scorer.Task.HasClasses() ? new ClassLabels(scorer.Classes, scorer.TargetType) : null;
        if (scorer.Top is { } top)
        {
            OptionalInput = scorer.RatedItem;
            HasNumericTarget = OptionalInput is not null;
            Outputs = ListOutputs.Tensors(top, HasNumericTarget);
            return;
        }

        HasNumericTarget = Labels is null;
        Outputs = Labels is null
            ? [new OutputTensor(OutputTensor.Prediction, TensorDatatype.Float32, 1)]
            :
            [
                new OutputTensor(OutputTensor.Label, Labels.Datatype, 0),
                new OutputTensor(OutputTensor.Probabilities, TensorDatatype.Float32, Labels.Names.Length),
            ];
    }

    public Schema Inputs => _scorer.Inputs;

    public string? OptionalInput { get; }

    public ClassLabels? Labels { get; }

    public bool HasNumericTarget { get; }

    public ImmutableArray<OutputTensor> Outputs { get; }

    /// <summary>Loads a package.</summary>
    /// <exception cref="Primitives.GyreException">It is absent or cannot be run.</exception>
    public static IScorer Load(string folder) => new OnnxScorer(ModelScorer.Load(folder));

    public ModelOutputs Score(ModelInputs inputs)
    {
        var rows = ((TableInputs)inputs).Table; // what the readers of Inputs make
        var scores = _scorer.Score(rows);
        if (_scorer.Top is { } top) return new ListOutputs(top, scores.Items, scores.ItemScores, scores.Outputs);
        if (Labels is null) return new NumberOutputs(scores.Outputs.ToArray());
        var predicted = new int[rows.RowCount];
        for (var row = 0; row < predicted.Length; row++) predicted[row] = Labels.Names.IndexOf(scores.LabelAt(row));
        return new ClassOutputs(Labels, predicted, scores.Outputs.ToArray());
    }

    public void Dispose() => _scorer.Dispose();
}
