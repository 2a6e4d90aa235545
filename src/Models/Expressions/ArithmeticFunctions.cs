namespace Gyre.Models.Expressions;

/// <summary>
/// Operators and functions of numbers. Integers stay int64 and exact; a division by zero never reaches the engine.
/// </summary>
internal sealed class ArithmeticFunctions(GraphMath math, Conversions conversions)
{
    public Operand Add(Operand a, Operand b) => Binary("+", a, b, math.Add);

    public Operand Subtract(Operand a, Operand b) => Binary("-", a, b, math.Subtract);

    public Operand Multiply(Operand a, Operand b) => Binary("*", a, b, math.Multiply);

    public Operand Negate(Operand a)
    {
        a = Numeric("-", a);
        return a with { Name = math.Unary("Neg", a.Name), Literal = Negated(a.Literal) };
    }

    /// <summary>`/`: float64; by zero it is infinite or NaN, as IEEE 754 and DuckDB have it.</summary>
    public Operand Divide(Operand a, Operand b)
    {
        (a, b) = (conversions.ToNumber(a), conversions.ToNumber(b));
        var divides = b.Literal is double and not 0;
        return Combine(math.Divide(a.Name, b.Name), OperandType.Number, a, b, canBeNaN: !divides || a.CanBeNaN);
    }

    /// <summary>`//`: integers truncate; other numbers divide plainly; NULL by zero.</summary>
    public Operand DivideWhole(Operand a, Operand b)
    {
        (a, b) = NumericPair("//", a, b);
        if (a.Type == OperandType.Integer) return IntegerDivision(a, b, math.Divide, math.Unary("Neg", a.Name));
        var zero = math.Equal(b.Name, math.Number(0));
        var result = Combine(math.Divide(a.Name, b.Name), OperandType.Number, a, b, canBeNaN: false);
        return result with { Null = conversions.OrNull(result.Null, zero), NullIsNaN = false };
    }

    /// <summary>
    /// `%`: the remainder with the dividend's sign; by zero NULL for integers and NaN for other numbers.
    /// </summary>
    public Operand Remainder(Operand a, Operand b)
    {
        (a, b) = NumericPair("%", a, b);
        return a.Type == OperandType.Integer
            ? IntegerDivision(a, b, math.Remainder, math.Integer(0))
            : Combine(math.Remainder(a.Name, b.Name), OperandType.Number, a, b, canBeNaN: true);
    }

    /// <summary>A function of one float64.</summary>
    public Operand OfNumber(Operand a, Func<string, string> function)
    {
        a = conversions.ToNumber(a);
        return a with { Name = function(a.Name), Literal = null, CanBeNaN = true };
    }

    /// <summary>A function of one float64 that SQL refuses outside of a domain; NULL there.</summary>
    public Operand OfDomain(Operand a, Func<string, string> inside, Func<string, string> function)
    {
        a = conversions.ToNumber(a);
        var ok = inside(a.Name);
        return a with
        {
            Name = function(math.Where(ok, a.Name, math.Number(1))),
            Null = conversions.OrNull(a.Null, math.Not(ok)),
            Literal = null,
            NullIsNaN = false,
        };
    }

    /// <summary>A function that keeps integers integers.</summary>
    public Operand Keeping(string name, Operand a, string op)
    {
        a = Numeric(name, a);
        return a with { Name = math.Unary(op, a.Name), Literal = null };
    }

    public Operand Power(Operand a, Operand b)
    {
        (a, b) = (conversions.ToNumber(a), conversions.ToNumber(b));
        var power = Combine(math.Graph.Node("Pow", [a.Name, b.Name]), OperandType.Number, a, b, canBeNaN: true);
        return power with { NullIsNaN = false }; // NaN^0 is 1
    }

    /// <summary>The greatest or least value that is not NULL.</summary>
    public Operand Extreme(string name, string op, ReadOnlySpan<Operand> operands)
    {
        var values = conversions.Unify(name, operands);
        if (values[0].Type is not (OperandType.Number or OperandType.Integer or OperandType.Time))
            throw new UnsupportedExpressionException($"{name}() of {values[0].Type} is not supported");
        var result = values[0];
        foreach (var value in values.AsSpan(1)) result = Extreme(op, result, value);
        return result;
    }

    /// <summary>To the nearest multiple of 10^-digits, halves away from zero.</summary>
    public Operand Round(Operand a, long digits)
    {
        a = Numeric("round", a);
        if (a.Type == OperandType.Integer)
        {
            if (digits >= 0) return a;
            return conversions.ToInteger(Round(conversions.ToNumber(a), digits));
        }

        if (digits is < -300 or > 300)
            throw new UnsupportedExpressionException($"round() to {digits} digits is not supported");
        var scale = math.Number(Math.Pow(10, Math.Abs(digits)));
        var name = digits switch
        {
            0 => HalvesAway(a.Name),
            > 0 => math.Divide(HalvesAway(math.Multiply(a.Name, scale)), scale),
            _ => math.Multiply(HalvesAway(math.Divide(a.Name, scale)), scale),
        };
        return a with { Name = name, Literal = null };
    }

    /// <summary>Toward zero.</summary>
    public string Truncate(string number) =>
        math.Multiply(math.Unary("Sign", number), math.Unary("Floor", math.Unary("Abs", number)));

    /// <summary>
    /// A logarithm by the natural one, exact at whole powers of its base, where floor(log10(1000)) would show a
    /// difference.
    /// </summary>
    public string Logarithm(string number, double @base)
    {
        var near = math.Divide(math.Unary("Log", number), math.Number(Math.Log(@base)));
        var whole = math.Unary("Round", near);
        var isPower = math.Equal(math.Graph.Node("Pow", [math.Number(@base), whole]), number);
        return math.Where(isPower, whole, near);
    }

    public Operand Numeric(string name, Operand a) => a.Type switch
    {
        OperandType.Number or OperandType.Integer => a,
        OperandType.Unknown => conversions.Null(OperandType.Number),
        OperandType.Truth => conversions.ToInteger(a),
        _ => throw new UnsupportedExpressionException($"'{name}' of {a.Type} is not supported"),
    };

    private Operand Binary(string name, Operand a, Operand b, Func<string, string, string> node)
    {
        (a, b) = NumericPair(name, a, b);
        return Combine(node(a.Name, b.Name), a.Type, a, b, a.CanBeNaN || b.CanBeNaN);
    }

    /// <summary>The processor traps a division by 0 and of the least integer by −1: neither may be computed.</summary>
    private Operand IntegerDivision(Operand a, Operand b, Func<string, string, string> node, string byMinusOne)
    {
        if (b.Literal is long and not 0 and not -1)
            return Combine(node(a.Name, b.Name), OperandType.Integer, a, b, false);
        var zero = math.Equal(b.Name, math.Integer(0));
        var minusOne = math.Equal(b.Name, math.Integer(-1));
        var divisor = math.Where(math.Or(zero, minusOne), math.Integer(1), b.Name);
        var value = math.Where(minusOne, byMinusOne, node(a.Name, divisor));
        var result = Combine(value, OperandType.Integer, a, b, false);
        return result with { Null = conversions.OrNull(result.Null, zero) };
    }

    private Operand Extreme(string op, Operand a, Operand b)
    {
        var name = math.Graph.Node(op, [a.Name, b.Name]);
        if (op == "Min" && a.CanBeNaN) name = math.Where(math.IsNaN(a.Name), b.Name, name); // NaN is the greatest
        if (op == "Min" && b.CanBeNaN) name = math.Where(math.IsNaN(b.Name), a.Name, name);
        if (b.Null is not null) name = math.Where(b.Null, a.Name, name);
        if (a.Null is not null) name = math.Where(a.Null, b.Name, name);
        var both = a.Null is null || b.Null is null ? null : math.And(a.Null, b.Null);
        return new Operand(name, a.Type, both, a.PerRow || b.PerRow, CanBeNaN: a.CanBeNaN || b.CanBeNaN);
    }

    /// <summary>floor(|x| + ½) would turn 0.49999999999999994 into 1; the fraction itself is exact.</summary>
    private string HalvesAway(string number)
    {
        var size = math.Unary("Abs", number);
        var floor = math.Unary("Floor", size);
        var up = math.ToNumber(math.LessOrEqual(math.Number(0.5), math.Subtract(size, floor)));
        return math.Multiply(math.Unary("Sign", number), math.Add(floor, up));
    }

    private (Operand A, Operand B) NumericPair(string name, Operand a, Operand b)
    {
        if (a.Type == OperandType.Unknown) a = conversions.Null(Numeric(name, b).Type);
        if (b.Type == OperandType.Unknown) b = conversions.Null(Numeric(name, a).Type);
        var pair = conversions.Unify(name, Numeric(name, a), Numeric(name, b));
        return (pair[0], pair[1]);
    }

    private Operand Combine(string value, OperandType type, Operand a, Operand b, bool canBeNaN) => new(
        value, type, conversions.OrNull(a.Null, b.Null), a.PerRow || b.PerRow, CanBeNaN: canBeNaN,
        NullIsNaN: type == OperandType.Number && a.CarriesNull && b.CarriesNull);

    private static object? Negated(object? literal) => literal switch
    {
        long whole => -whole,
        double number => -number,
        _ => null,
    };
}
