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
    private readonly string _folder;
    private readonly Lock _loading = new();
    private volatile ModelExplainer? _explainer;

    private OnnxScorer(ModelScorer scorer, string folder)
    {
        (_scorer, _folder) = (scorer, folder);
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
    public static IScorer Load(string folder) => new OnnxScorer(ModelScorer.Load(folder), folder);

    public ModelOutputs Score(ModelInputs inputs)
    {
        var rows = ((TableInputs)inputs).Table; // what the readers of Inputs make
        var scores = _scorer.Score(rows);
        if (_scorer.Top is { } top) return new ListOutputs(top, scores.Items, scores.ItemScores, scores.Outputs);
        if (Labels is null) return new NumberOutputs(scores.Outputs);
        return new ClassOutputs(Labels, Classes(scores.Outputs.Span), scores.Outputs);
    }

    public bool CanJoin => _scorer.CanJoin;

    /// <summary>The engine holds a graph's weights beside the graph itself, and works on copies of rows.</summary>
    public long SizeBytes => (3 * _scorer.SizeBytes) + (1 << 20) + (_explainer?.SizeBytes ?? 0);

    public ModelExplainer? LoadedExplainer => _explainer;

    public ModelExplainer LoadExplainer()
    {
        lock (_loading) return _explainer ??= ModelExplainer.Load(_folder);
    }

    public ModelOutputs[] ScoreJoined(IReadOnlyList<ModelInputs> requests)
    {
        var tables = new Table[requests.Count];
        var rows = 0;
        for (var i = 0; i < tables.Length; i++)
        {
            tables[i] = ((TableInputs)requests[i]).Table;
            rows += tables[i].RowCount;
        }

        var values = new float[rows * _scorer.OutputWidth];
        _scorer.ScoreJoined(tables, values);
        var outputs = new ModelOutputs[tables.Length];
        var at = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            var own = values.AsMemory(at, tables[i].RowCount * _scorer.OutputWidth);
            at += own.Length;
            outputs[i] = Labels is null ? new NumberOutputs(own) : new ClassOutputs(Labels, Classes(own.Span), own);
        }

        return outputs;
    }

    private int[] Classes(ReadOnlySpan<float> probabilities)
    {
        var width = _scorer.OutputWidth;
        var classes = new int[probabilities.Length / width];
        for (var row = 0; row < classes.Length; row++)
            classes[row] = _scorer.ClassAt(probabilities.Slice(row * width, width));
        return classes;
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _explainer?.Dispose();
    }
}
