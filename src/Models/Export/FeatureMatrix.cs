using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>
/// Collects single columns ([N, 1]) and joins them to one float32 matrix, the model's door. Columns of one type are
/// joined
/// first and converted at once: a node costs more than a row does.
/// </summary>
internal sealed class FeatureMatrix(GraphMath math)
{
    private static readonly Kind[] Order = [Kind.Double, Kind.Int64, Kind.Bool, Kind.Float];

    private readonly List<(string Value, Kind Kind, int Width)> _columns = [];

    /// <summary>The number of columns so far.</summary>
    public int Width => _columns.Sum(c => c.Width);

    /// <summary>Adds a column of type double, int64, bool or float; returns its key for <see cref="Build"/>.</summary>
    public int Add(string value, Kind kind)
    {
        _columns.Add((value, kind, 1));
        return _columns.Count - 1;
    }

    /// <summary>Adds several float32 columns ([N, width]); the key is the first one's.</summary>
    public int AddBlock(string values, int width)
    {
        _columns.Add((values, Kind.Float, width));
        return _columns.Count - 1;
    }

    /// <summary>Adds a number, whole number or truth value; NULL becomes NaN.</summary>
    public int Add(Operand operand, string raw) => operand switch
    {
        { Type: OperandType.Number, CarriesNull: true } => Add(operand.Name, Kind.Double),
        { Type: OperandType.Number, Null: { } missing } =>
            Add(math.Where(missing, math.Number(double.NaN), operand.Name), Kind.Double),
        { Type: OperandType.Integer, Null: null } => Add(operand.Name, Kind.Int64),
        { Type: OperandType.Truth, Null: null } => Add(operand.Name, Kind.Bool),
        { Type: OperandType.Integer or OperandType.Truth, Null: { } missing } =>
            Add(math.Where(missing, NaN, math.Graph.Cast(operand.Name, Kind.Float)), Kind.Float),
        _ => throw new ArgumentException($"{operand.Type} is no number of column '{raw}'."),
    };

    /// <summary>The matrix ([N, columns] float32) and where each key stands in it.</summary>
    public (string Matrix, int[] Positions) Build()
    {
        var positions = new int[_columns.Count];
        var blocks = new List<string>();
        var next = 0;
        foreach (var kind in Order)
        {
            var keys = Enumerable.Range(0, _columns.Count).Where(i => _columns[i].Kind == kind).ToArray();
            if (keys.Length == 0) continue;
            foreach (var key in keys)
            {
                positions[key] = next;
                next += _columns[key].Width;
            }

            var block = Join([.. keys.Select(i => _columns[i].Value)]);
            blocks.Add(kind == Kind.Float ? block : math.Graph.Cast(block, Kind.Float));
        }

        return (Join(blocks), positions);
    }

    private string NaN => math.Graph.Constant(Constants.Of([float.NaN], 1, 1));

    private string Join(IReadOnlyList<string> values) => values.Count == 1
        ? values[0]
        : math.Graph.Node("Concat", [.. values], NodeAttribute.Of("axis", 1L));
}
