using Gyre.Models.Export;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Models.Scoring;
using Gyre.OnnxRuntime;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Tests;

/// <summary>Computes a derived column by its graph: a double or a string per row, null where NULL.</summary>
internal static class ExpressionRunner
{
    public static object?[] Run(Schema schema, Table rows, ColumnType type, RowExpression expression)
    {
        var math = new GraphMath(new GraphBuilder(["value", "missing", .. schema.Select(c => c.Name)]));
        var columns = RawColumns.Declare(math, ["derived"], [new DerivedColumn("derived", type, expression)], schema);
        var operand = columns.Value("derived");
        var isText = operand.Type == OperandType.Text;
        var missing = operand.Null is { } mask
            ? math.Or(mask, mask)
            : math.Or(math.Truth(false), math.Truth(false));
        math.Graph.Output(
            isText ? operand.Name : math.ToNumber(operand.Name), "value", isText ? Kind.String : Kind.Double, 1);
        math.Graph.Output(missing, "missing", Kind.Bool, 1);
        using var session = InferenceSession.FromBytes(math.Graph.Build("", []));
        return Run(session, [.. columns.Inputs.Select(c => new InputColumn(c))], rows);
    }

    private static object?[] Run(
        InferenceSession session, System.Collections.Immutable.ImmutableArray<InputColumn> columns, Table rows)
    {
        var inputs = BatchInputs.Create(columns, rows, 0, rows.RowCount);
        var outputs = new Tensor?[2];
        session.Run(inputs, outputs);
        using var value = outputs[0]!;
        using var missing = outputs[1]!;
        foreach (var input in inputs) input.Dispose();
        var isNull = missing.Length == rows.RowCount
            ? missing.Elements<bool>().ToArray()
            : [.. Enumerable.Repeat(missing.Elements<bool>()[0], rows.RowCount)];
        object[] values = value.ElementType == TensorElementType.String
            ? value.GetStrings()
            : [.. value.Elements<double>().ToArray().Cast<object>()];
        return [.. values.Select((v, i) => isNull[i] ? null : v)];
    }
}
