using System.Collections.Immutable;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models.Export;

/// <summary>The graph's inputs, one per raw column that the model needs, and what is derived from them.</summary>
internal sealed class RawColumns
{
    private readonly GraphMath _math;
    private readonly ExpressionCompiler _compiler;
    private readonly Conversions _conversions;
    private readonly Schema _raw;
    private readonly ImmutableArray<DerivedColumn> _derived;
    private readonly Dictionary<string, Operand> _values = new(StringComparer.Ordinal);

    private RawColumns(
        GraphMath math, ImmutableArray<DerivedColumn> derived, Schema raw, ImmutableArray<ColumnDefinition> inputs)
    {
        (_math, _derived, _raw, Inputs) = (math, derived, raw, inputs);
        _conversions = new Conversions(math);
        _compiler = new ExpressionCompiler(math, name => Knows(name) ? Value(name) : null);
    }

    /// <summary>The same columns beside others that are computed already; the others win over raw ones of their name.</summary>
    public RawColumns With(IReadOnlyDictionary<string, Operand> computed)
    {
        var wider = new RawColumns(_math, _derived, _raw, Inputs);
        foreach (var (name, value) in _values) wider._values.Add(name, value);
        foreach (var (name, value) in computed) wider._values[name] = value;
        return wider;
    }

    /// <summary>The raw columns that became inputs, in the order of the raw schema.</summary>
    public ImmutableArray<ColumnDefinition> Inputs { get; }

    /// <summary>Declares the inputs that some features need.</summary>
    /// <exception cref="GyreException">A feature is neither raw nor derived.</exception>
    public static RawColumns Declare(
        GraphMath math, IEnumerable<string> features, ImmutableArray<DerivedColumn> derived, Schema raw)
    {
        var needed = Needed(features, derived, raw);
        ImmutableArray<ColumnDefinition> inputs = [.. raw.Where(c => needed.Contains(c.Name))];
        foreach (var input in inputs) math.Graph.Input(input.Name, InputKind(input), InputShape(input));
        return new RawColumns(math, derived, raw, inputs);
    }

    /// <summary>
    /// The element type of a raw column's input: what may be missing and has no mark for it becomes double.
    /// </summary>
    public static Kind InputKind(ColumnDefinition column) => column.Type switch
    {
        ColumnType.Numeric => Kind.Double,
        ColumnType.Integer or ColumnType.Timestamp => column.Nullable ? Kind.Double : Kind.Int64,
        ColumnType.Boolean => column.Nullable ? Kind.Double : Kind.Bool,
        ColumnType.Image => Kind.Uint8,
        _ => Kind.String,
    };

    /// <summary>The dimensions of a raw column's input behind the rows': empty for the usual 1.</summary>
    public static int[] InputShape(ColumnDefinition column) =>
        column.Image is { } image ? [image.Height, image.Width, image.Channels] : [];

    /// <summary>A raw or derived column's value, of the type that the column has.</summary>
    /// <exception cref="GyreException">It cannot be derived inside the graph; names the column and what stands in the
    /// way.</exception>
    public Operand Value(string name)
    {
        if (_values.TryGetValue(name, out var value)) return value;
        value = _derived.FirstOrDefault(d => d.Name == name) is { } derived ? Derive(derived) : Read(_raw[name]);
        _values.Add(name, value);
        return value;
    }

    /// <summary>
    /// A column's value for the model's door, where NaN is NULL: a nullable whole number or truth value that is only a
    /// feature stays the double that it came as.
    /// </summary>
    /// <exception cref="GyreException">As in <see cref="Value"/>.</exception>
    public Operand Feature(string name)
    {
        var isRaw = _raw.TryGet(name, out var column) && _derived.All(d => d.Name != name);
        return isRaw && column is { Nullable: true, Type: ColumnType.Integer or ColumnType.Boolean }
            ? new Operand(name, OperandType.Number, _math.IsNaN(name), true, NullIsNaN: true)
            : Value(name);
    }

    private bool Knows(string name) => _raw.Contains(name) || _derived.Any(d => d.Name == name);

    private Operand Derive(DerivedColumn column)
    {
        try
        {
            var value = _conversions.Cast(_compiler.Compile(column.Expression), column.Type);
            return value.PerRow ? value : Spread(value);
        }
        catch (UnsupportedExpressionException reason)
        {
            throw GyreException.Invalid($"Derived column '{column.Name}': {reason.Message}.", reason);
        }
    }

    /// <summary>A constant as a value per row.</summary>
    private Operand Spread(Operand value)
    {
        if (Inputs.IsEmpty)
            throw new UnsupportedExpressionException("it is constant and the model has no other column");
        var shape = _math.Graph.Node("Shape", [Inputs[0].Name]);
        return value with
        {
            Name = _math.Graph.Node("Expand", [value.Name, shape]),
            Null = value.Null is null ? null : _math.Graph.Node("Expand", [value.Null, shape]),
            PerRow = true,
        };
    }

    private Operand Read(ColumnDefinition column)
    {
        var name = column.Name;
        if (column.Type == ColumnType.Numeric)
            return new Operand(name, OperandType.Number, _math.IsNaN(name), true, NullIsNaN: true);
        var type = column.Type switch
        {
            ColumnType.Integer => OperandType.Integer,
            ColumnType.Boolean => OperandType.Truth,
            ColumnType.Timestamp => OperandType.Time,
            _ => OperandType.Text,
        };
        if (type == OperandType.Text) return new Operand(name, type, _math.IsOneOf(name, [""]), true);
        if (!column.Nullable) return new Operand(name, type, null, true);
        var missing = _math.IsNaN(name);
        var filled = _math.Where(missing, _math.Number(0), name);
        return new Operand(
            type == OperandType.Truth ? _math.ToTruth(filled) : _math.ToInteger(filled), type, missing, true);
    }

    private static HashSet<string> Needed(
        IEnumerable<string> features, ImmutableArray<DerivedColumn> derived, Schema raw)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(features);
        while (open.TryPop(out var name))
        {
            if (!needed.Add(name)) continue;
            if (derived.FirstOrDefault(d => d.Name == name) is { } column)
            {
                foreach (var reference in column.Expression.DescendantsAndSelf().OfType<ColumnReference>())
                    open.Push(reference.Name);
            }
            else if (!raw.Contains(name))
            {
                throw GyreException.Invalid(
                    $"Column '{name}' is needed by the model but is neither in a request nor derived.");
            }
        }

        return needed;
    }
}
