using System.Globalization;
using Gyre.Tabular;

namespace Gyre.Models.Expressions;

/// <summary>Constants, casts, and the types that operands of one operator are brought to.</summary>
internal sealed class Conversions(GraphMath math)
{
    public Operand Constant(object? value) => value switch
    {
        null => new Operand(math.Number(0), OperandType.Unknown, math.Truth(true), false),
        double number =>
            new Operand(math.Number(number), OperandType.Number, null, false, number, double.IsNaN(number)),
        long whole => new Operand(math.Integer(whole), OperandType.Integer, null, false, whole),
        int whole => Constant((long)whole),
        bool truth => new Operand(math.Truth(truth), OperandType.Truth, null, false, truth),
        string text => new Operand(math.Text(text), OperandType.Text, null, false, text),
        _ => throw new UnsupportedExpressionException($"a constant of type {value.GetType().Name} is not supported"),
    };

    /// <summary>An explicit CAST.</summary>
    public Operand Cast(Operand value, ColumnType type) => (value.Type, type) switch
    {
        (OperandType.Unknown, _) => Null(TypeOf(type)),
        (_, ColumnType.Numeric) when value.Type is not (OperandType.Text or OperandType.Time) => ToNumber(value),
        (_, ColumnType.Integer) when value.Type is not (OperandType.Text or OperandType.Time) => ToInteger(value),
        (_, ColumnType.Boolean) when value.Type is not (OperandType.Text or OperandType.Time) => ToTruth(value),
        (_, ColumnType.Categorical or ColumnType.Text) => ToText(value),
        (OperandType.Text or OperandType.Time, ColumnType.Timestamp) => ToTime(value),
        (OperandType.Text, ColumnType.Numeric) when Parse(value) is { } number => Constant(number),
        (OperandType.Text, ColumnType.Integer) when Parse(value) is { } number and < 1e15 and > -1e15 =>
            Constant((long)Math.Round(number, MidpointRounding.AwayFromZero)),
        _ => throw new UnsupportedExpressionException($"a cast from {value.Type} to {type} is not supported"),
    };

    /// <summary>A NULL of a type.</summary>
    public Operand Null(OperandType type) => new(Zero(type), type, math.Truth(true), false);

    /// <summary>Brings operands of one operator to a common type.</summary>
    public Operand[] Unify(string function, params ReadOnlySpan<Operand> operands)
    {
        var type = OperandType.Unknown;
        foreach (var operand in operands) type = Common(function, type, operand);
        var unified = new Operand[operands.Length];
        for (var i = 0; i < unified.Length; i++) unified[i] = To(operands[i], type);
        return unified;
    }

    /// <summary>The operand as float64.</summary>
    public Operand ToNumber(Operand value) => value.Type switch
    {
        OperandType.Number => value,
        OperandType.Unknown => Null(OperandType.Number),
        OperandType.Integer or OperandType.Truth => value with
        {
            Name = math.ToNumber(value.Name),
            Type = OperandType.Number,
            NullIsNaN = false,
            Literal = value.Literal is long whole ? (double)whole : null,
        },
        _ => throw new UnsupportedExpressionException($"{value.Type} is used where a number is needed"),
    };

    /// <summary>The operand as int64: numbers round half to even; what does not fit is NULL.</summary>
    public Operand ToInteger(Operand value)
    {
        switch (value.Type)
        {
            case OperandType.Integer: return value;
            case OperandType.Unknown: return Null(OperandType.Integer);
            case OperandType.Truth:
                return value with { Name = math.ToInteger(value.Name), Type = OperandType.Integer, Literal = null };
            case OperandType.Number: break;
            default: throw new UnsupportedExpressionException($"{value.Type} is used where a whole number is needed");
        }

        var fits = math.Less(math.Unary("Abs", value.Name), math.Number(9.2233720368547748e18));
        var whole = math.ToInteger(math.Where(fits, math.Unary("Round", value.Name), math.Number(0)));
        return new Operand(whole, OperandType.Integer, OrNull(value.Null, math.Not(fits)), value.PerRow);
    }

    /// <summary>The operand as bool: whatever is not zero is true.</summary>
    public Operand ToTruth(Operand value) => value.Type switch
    {
        OperandType.Truth => value,
        OperandType.Unknown => Null(OperandType.Truth),
        OperandType.Integer => value with
        {
            Name = math.Not(math.Equal(value.Name, math.Integer(0))), Type = OperandType.Truth, Literal = null,
        },
        OperandType.Number => value with
        {
            Name = math.Not(math.Equal(value.Name, math.Number(0))), Type = OperandType.Truth, Literal = null,
            CanBeNaN = false,
        },
        _ => throw new UnsupportedExpressionException($"{value.Type} is used where true or false is needed"),
    };

    /// <summary>True where either is; null stands for "never".</summary>
    public string? OrNull(string? a, string? b) => a is null ? b : b is null || a == b ? a : math.Or(a, b);

    /// <summary>The operand as text.</summary>
    public Operand ToText(Operand value) => value.Type switch
    {
        OperandType.Text => value,
        OperandType.Integer => value with { Name = math.ToText(value.Name), Type = OperandType.Text, Literal = null },
        OperandType.Truth => value with
        {
            Name = math.NameOf(math.ToInteger(value.Name), 0, ["false", "true"]), Type = OperandType.Text,
            Literal = null,
        },
        _ => throw new UnsupportedExpressionException($"a cast from {value.Type} to text is not supported"),
    };

    private Operand ToTime(Operand value)
    {
        if (value.Type is OperandType.Time) return value;
        if (value.Type is OperandType.Unknown) return Null(OperandType.Time);
        if (value.Literal is not string text)
            throw new UnsupportedExpressionException("only a constant text can be read as a time");
        if (!DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            throw new UnsupportedExpressionException($"'{text}' is no point in time");
        }

        return new Operand(math.Integer((time - DateTimeOffset.UnixEpoch).Ticks / 10), OperandType.Time, null, false);
    }

    private Operand To(Operand value, OperandType type) => type switch
    {
        _ when value.Type == type => value,
        _ when value.Type == OperandType.Unknown => Null(type),
        OperandType.Number => ToNumber(value),
        OperandType.Integer => ToInteger(value),
        OperandType.Time => ToTime(value),
        _ => throw new UnsupportedExpressionException($"{value.Type} cannot become {type}"),
    };

    private static OperandType Common(string function, OperandType type, Operand operand) => (type, operand.Type) switch
    {
        (var a, var b) when a == b => a,
        (OperandType.Unknown, var b) => b,
        (var a, OperandType.Unknown) => a,
        (OperandType.Number, OperandType.Integer) or (OperandType.Integer, OperandType.Number) => OperandType.Number,
        (OperandType.Truth, OperandType.Integer) or (OperandType.Integer, OperandType.Truth) => OperandType.Integer,
        (OperandType.Truth, OperandType.Number) or (OperandType.Number, OperandType.Truth) => OperandType.Number,
        (OperandType.Time, OperandType.Text) when operand.Literal is string => OperandType.Time,
        (OperandType.Text, OperandType.Time) => OperandType.Time,
        var (a, b) => throw new UnsupportedExpressionException($"{function} mixes {a} and {b}"),
    };

    private static OperandType TypeOf(ColumnType type) => type switch
    {
        ColumnType.Numeric => OperandType.Number,
        ColumnType.Integer => OperandType.Integer,
        ColumnType.Boolean => OperandType.Truth,
        ColumnType.Timestamp => OperandType.Time,
        _ => OperandType.Text,
    };

    private string Zero(OperandType type) => type switch
    {
        OperandType.Number or OperandType.Unknown => math.Number(0),
        OperandType.Truth => math.Truth(false),
        OperandType.Text => math.Text(""),
        _ => math.Integer(0),
    };

    private static double? Parse(Operand value) =>
        value.Literal is string text && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
