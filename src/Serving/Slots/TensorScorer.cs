using System.Buffers.Binary;
using System.Collections.Immutable;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>Any ONNX graph, run by ONNX Runtime. Thread-safe until disposed.</summary>
internal sealed class TensorScorer : IScorer
{
    private readonly GraphModel _model;
    private readonly ImmutableArray<string> _names;
    private readonly int _scored = -1;

    private TensorScorer(GraphModel model)
    {
        _model = model;
        Inputs = model.Columns ?? new Schema([]);
        if (model.Columns is null)
            Tensors = [.. model.Inputs.Select(i => new InputTensor(i.Name, TensorDatatype.Of(i.Type), i.Shape))];
        var outputs = model.Outputs.Select(o =>
            new OutputTensor(o.Name, TensorDatatype.Of(o.Type), 0) { Shape = o.Shape });
        if (!model.Labels.IsEmpty) _scored = ScoresOf(model);
        if (_scored >= 0)
        {
            var name = model.Outputs.Any(o => o.Name == OutputTensor.Label) ? "label_name" : OutputTensor.Label;
            outputs = outputs.Append(new OutputTensor(name, TensorDatatype.Bytes, 0));
            Labels = new ClassLabels(model.Labels, ColumnType.Categorical);
        }

        Outputs = [.. outputs];
        _names = [.. Outputs.Select(output => output.Name)];
    }

    public Schema Inputs { get; }

    public ImmutableArray<InputTensor> Tensors { get; } = [];

    public ClassLabels? Labels { get; }

    /// <summary>What really happens may have any form: nobody said what the tensors mean.</summary>
    public bool HasNumericTarget => false;

    public ImmutableArray<OutputTensor> Outputs { get; }

    /// <summary>Loads a graph.</summary>
    /// <param name="folderOrFile">An .onnx file, or a folder with one.</param>
    /// <exception cref="GyreException">It is absent or cannot be served.</exception>
    public static TensorScorer Load(string folderOrFile) => new(GraphModel.Load(folderOrFile));

    public ModelOutputs Score(ModelInputs inputs)
    {
        try
        {
            var values = inputs is TableInputs table
                ? _model.Run(table.Table) : _model.Run(((TensorInputs)inputs).Values);
            return new TensorOutputs(inputs.Rows, _names,
                _scored < 0 ? [.. values] : [.. values, LabelsOf(values[_scored], _model.Labels)]);
        }
        catch (GyreException error) when (error.Code is ErrorCode.InvalidInput)
        {
            throw RequestRejectedException.Whole(RejectionReason.BadShape, error.Message, error);
        }
    }

    public void Dispose() => _model.Dispose();

    // The scores of the classes: what Hugging Face calls logits, else the first output that has one number per class.
    private static int ScoresOf(GraphModel model)
    {
        var found = -1;
        for (var i = model.Outputs.Length - 1; i >= 0; i--)
        {
            var output = model.Outputs[i];
            if (output.Type is not TensorType.Float32 || output.Shape is not [_, var width]) continue;
            if (width >= 0 && width != model.Labels.Length) continue;
            if (output.Name == "logits") return i;
            found = i;
        }

        return found;
    }

    private static TensorValue LabelsOf(TensorValue scores, ImmutableArray<string> labels)
    {
        var (rows, width) = ((int)scores.Shape[0], (int)scores.Shape[1]);
        var named = new string[rows];
        for (var row = 0; row < rows; row++)
        {
            var best = 0;
            for (var i = 1; i < width; i++)
            {
                if (At(row, i) > At(row, best)) best = i;
            }

            named[row] = best < labels.Length ? labels[best] : "";
        }

        return new TensorValue([rows], named);

        float At(int row, int i) =>
            BinaryPrimitives.ReadSingleLittleEndian(scores.Bytes.AsSpan((row * width + i) * sizeof(float)));
    }
}
