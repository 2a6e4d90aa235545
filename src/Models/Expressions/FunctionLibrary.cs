using System.Collections.Frozen;

namespace Gyre.Models.Expressions;

/// <summary>All functions and operators that the graph can compute, by DuckDB's names.</summary>
internal sealed class FunctionLibrary
{
    private const int Any = int.MaxValue;

    private readonly GraphMath _math;
    private readonly ArithmeticFunctions _arithmetic;
    private readonly CalendarFunctions _calendar;
    private readonly TextFunctions _texts;
    private readonly FrozenDictionary<string, Function> _functions;

    public FunctionLibrary(GraphMath math)
    {
        _math = math;
        Conversions = new Conversions(math);
        Logic = new LogicFunctions(math, Conversions);
        _arithmetic = new ArithmeticFunctions(math, Conversions);
        _calendar = new CalendarFunctions(math, Conversions);
        _texts = new TextFunctions(math, Conversions);
        _functions = Operators().Concat(Numbers()).Concat(Texts()).Concat(Times())
            .SelectMany(f => f.Names.Split(' ').Select(name => (name, f)))
            .ToFrozenDictionary(f => f.name, f => f.f, StringComparer.Ordinal);
    }

    private delegate Operand Body(string name, Operand[] arguments);

    public Conversions Conversions { get; }

    public LogicFunctions Logic { get; }

    /// <summary>The value of a call.</summary>
    /// <exception cref="UnsupportedExpressionException">The function is unknown, or not for these
    /// arguments.</exception>
    public Operand Call(string name, Operand[] arguments)
    {
        if (!_functions.TryGetValue(name, out var function))
            throw new UnsupportedExpressionException($"function '{name}' cannot be computed by the served model");
        if (arguments.Length < function.Least || arguments.Length > function.Most)
            throw new UnsupportedExpressionException(
                $"function '{name}' with {arguments.Length} arguments is not supported");
        return function.Compute(name, arguments);
    }

    private IEnumerable<Function> Operators() =>
    [
        new("+ add", 1, 2, (n, a) => a.Length == 1 ? _arithmetic.Numeric(n, a[0]) : _arithmetic.Add(a[0], a[1])),
        new("- subtract", 1, 2, (_, a) => a.Length == 1 ? _arithmetic.Negate(a[0]) : _arithmetic.Subtract(a[0], a[1])),
        new("* multiply", 2, 2, (_, a) => _arithmetic.Multiply(a[0], a[1])),
        new("/", 2, 2, (_, a) => _arithmetic.Divide(a[0], a[1])),
        new("// divide", 2, 2, (_, a) => _arithmetic.DivideWhole(a[0], a[1])),
        new("% mod fmod", 2, 2, (_, a) => _arithmetic.Remainder(a[0], a[1])),
        new("^ ** pow power", 2, 2, (_, a) => _arithmetic.Power(a[0], a[1])),
        new("= ==", 2, 2, (n, a) => Logic.Equal(n, a[0], a[1])),
        new("<> !=", 2, 2, (n, a) => Logic.Not(Logic.Equal(n, a[0], a[1]))),
        new("<", 2, 2, (n, a) => Logic.Less(n, a[0], a[1])),
        new("<=", 2, 2, (n, a) => Logic.LessOrEqual(n, a[0], a[1])),
        new(">", 2, 2, (n, a) => Logic.Less(n, a[1], a[0])),
        new(">=", 2, 2, (n, a) => Logic.LessOrEqual(n, a[1], a[0])),
        new("is_distinct_from", 2, 2, (n, a) => Logic.Not(Logic.NotDistinct(n, a[0], a[1]))),
        new("is_not_distinct_from", 2, 2, (n, a) => Logic.NotDistinct(n, a[0], a[1])),
        new("and", 2, Any, (_, a) => a.Aggregate(Logic.And)),
        new("or", 2, Any, (_, a) => a.Aggregate(Logic.Or)),
        new("not", 1, 1, (_, a) => Logic.Not(a[0])),
        new("is_null", 1, 1, (_, a) => Logic.IsNull(a[0])),
        new("is_not_null", 1, 1, (_, a) => Logic.Not(Logic.IsNull(a[0]))),
        new("coalesce", 1, Any, (n, a) => Logic.Coalesce(n, a)),
        new("ifnull", 2, 2, (n, a) => Logic.Coalesce(n, a)),
        new("nullif", 2, 2, (_, a) => Logic.NullIf(a[0], a[1])),
        new("in", 2, Any, (_, a) => a.Skip(1).Select(b => Logic.Equal("in", a[0], b)).Aggregate(Logic.Or)),
        new("between", 3, 3, (n, a) => Logic.And(Logic.LessOrEqual(n, a[1], a[0]), Logic.LessOrEqual(n, a[0], a[2]))),
    ];

    private IEnumerable<Function> Numbers() =>
    [
        new("abs @", 1, 1, (n, a) => _arithmetic.Keeping(n, a[0], "Abs")),
        new("sign", 1, 1, (n, a) => _arithmetic.Keeping(n, a[0], "Sign")),
        new("floor", 1, 1, (_, a) => Number(a[0], "Floor")),
        new("ceil ceiling", 1, 1, (_, a) => Number(a[0], "Ceil")),
        new("trunc", 1, 1, (_, a) => _arithmetic.OfNumber(a[0], _arithmetic.Truncate)),
        new("round", 1, 2, (n, a) => _arithmetic.Round(a[0], a.Length == 1 ? 0 : Digits(n, a[1]))),
        new("exp", 1, 1, (_, a) => Number(a[0], "Exp")),
        new("sqrt", 1, 1, (_, a) => _arithmetic.OfDomain(a[0], NotNegative, x => _math.Unary("Sqrt", x))),
        new("cbrt", 1, 1, (_, a) => _arithmetic.OfNumber(a[0], CubeRoot)),
        new("ln", 1, 1, (_, a) => _arithmetic.OfDomain(a[0], Positive, x => _math.Unary("Log", x))),
        new("log log10", 1, 1, (_, a) => _arithmetic.OfDomain(a[0], Positive, x => _arithmetic.Logarithm(x, 10))),
        new("log2", 1, 1, (_, a) => _arithmetic.OfDomain(a[0], Positive, x => _arithmetic.Logarithm(x, 2))),
        new("sin", 1, 1, (_, a) => Number(a[0], "Sin")),
        new("cos", 1, 1, (_, a) => Number(a[0], "Cos")),
        new("tan", 1, 1, (_, a) => _arithmetic.OfNumber(a[0], Tangent)),
        new("radians", 1, 1, (_, a) => _arithmetic.OfNumber(a[0], x => _math.Multiply(x, _math.Number(Math.PI / 180)))),
        new("degrees", 1, 1, (_, a) => _arithmetic.OfNumber(a[0], x => _math.Multiply(x, _math.Number(180 / Math.PI)))),
        new("pi", 0, 0, (_, _) => Conversions.Constant(Math.PI)),
        new("greatest", 1, Any, (n, a) => _arithmetic.Extreme(n, "Max", a)),
        new("least", 1, Any, (n, a) => _arithmetic.Extreme(n, "Min", a)),
    ];

    private IEnumerable<Function> Texts() =>
    [
        new("||", 2, 2, (_, a) => _texts.Concatenate(a[0], a[1])),
        new("~~", 2, 2, (_, a) => _texts.Like("LIKE", a[0], a[1])),
        new("!~~", 2, 2, (_, a) => Logic.Not(_texts.Like("NOT LIKE", a[0], a[1]))),
        new("starts_with prefix ^@", 2, 2, (n, a) => _texts.Contains(n, a[0], a[1], "", ".*")),
        new("ends_with suffix", 2, 2, (n, a) => _texts.Contains(n, a[0], a[1], ".*", "")),
        new("contains", 2, 2, (n, a) => _texts.Contains(n, a[0], a[1], ".*", ".*")),
    ];

    private IEnumerable<Function> Times() =>
    [
        .. CalendarFunctions.Parts.Select(
            part => new Function(part.Key, 1, 1, (n, a) => _calendar.Part(n, part.Value, a[0]))),
        new("date_part datepart", 2, 2, (n, a) => _calendar.Part(n, a[0], a[1])),
        new("date_trunc datetrunc", 2, 2, (n, a) => _calendar.Truncate(n, a[0], a[1])),
        new("date_diff datediff", 3, 3, (n, a) => _calendar.Difference(n, a[0], a[1], a[2])),
        new("dayname", 1, 1, (n, a) => _calendar.WeekdayName(n, a[0])),
        new("monthname", 1, 1, (n, a) => _calendar.MonthName(n, a[0])),
    ];

    private Operand Number(Operand a, string op) => _arithmetic.OfNumber(a, x => _math.Unary(op, x));

    private string Positive(string x) => _math.Less(_math.Number(0), x);

    private string NotNegative(string x) => _math.LessOrEqual(_math.Number(0), x);

    private string Tangent(string x) => _math.Divide(_math.Unary("Sin", x), _math.Unary("Cos", x));

    /// <summary>By a power, exact at whole roots.</summary>
    private string CubeRoot(string x)
    {
        var near = _math.Multiply(
            _math.Unary("Sign", x), _math.Graph.Node("Pow", [_math.Unary("Abs", x), _math.Number(1.0 / 3)]));
        var whole = _math.Unary("Round", near);
        var isCube = _math.Equal(_math.Multiply(whole, _math.Multiply(whole, whole)), x);
        return _math.Where(isCube, whole, near);
    }

    private static long Digits(string name, Operand digits) => digits.Literal is long value
        ? value
        : throw new UnsupportedExpressionException($"{name}() needs a constant number of digits");

    private sealed record Function(string Names, int Least, int Most, Body Compute);
}
