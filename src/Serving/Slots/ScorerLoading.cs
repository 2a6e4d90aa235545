using Gyre.Models;
using Gyre.Primitives;
using Gyre.Serving.Engine;
using Gyre.Tabular;

namespace Gyre.Serving.Slots;

/// <summary>Loads models of every kind.</summary>
internal static class ScorerLoading
{
    /// <summary>
    /// Loads a package of Gyre's, one of MLflow's <c>onnx</c> flavor, a folder with an .onnx file, or such a file.
    /// </summary>
    /// <exception cref="GyreException">It is absent or cannot be served.</exception>
    public static IScorer Load(string folderOrFile) =>
        GraphModel.IsGyres(folderOrFile) ? OnnxScorer.Load(folderOrFile) : TensorScorer.Load(folderOrFile);
}

/// <summary>Inputs that fit a model, to try it with: one row of zeros and empty texts.</summary>
internal static class ExampleInputs
{
    /// <summary>One row; free dimensions of tensors have the length 1.</summary>
    public static ModelInputs Of(IScorer scorer) => scorer.Tensors.IsEmpty
        ? new TableInputs(EmptyRow(scorer.Inputs))
        : new TensorInputs(scorer.Tensors, [.. scorer.Tensors.Select(EmptyTensor)]);

    private static Table EmptyRow(Schema schema) => new(schema, [.. schema.Select(column => (Column)(column.Type switch
    {
        ColumnType.Numeric => new Column<double>(column.Name, column.Type, [0]),
        ColumnType.Integer or ColumnType.Timestamp => new Column<long>(column.Name, column.Type, [0]),
        ColumnType.Boolean => new Column<bool>(column.Name, column.Type, [false]),
        ColumnType.Image when column.Image is { } shape => new ImageColumn(column.Name, shape, new byte[shape.Size]),
        _ => CategoricalColumn.FromValues(column.Name, column.Type, [""]),
    }))]);

    private static TensorValue EmptyTensor(InputTensor input)
    {
        var shape = input.Shape.Select(length => Math.Max(1, length)).ToArray();
        var count = checked((int)shape.Aggregate(1L, (product, length) => checked(product * length)));
        return input.Datatype.Type is TensorType.Text
            ? new TensorValue([.. shape], Enumerable.Repeat("", count).ToArray())
            : new TensorValue(input.Datatype.Type, [.. shape], new byte[checked(count * input.Datatype.Size)]);
    }
}
