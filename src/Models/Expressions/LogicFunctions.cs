namespace Gyre.Models.Expressions;

/// <summary>Three-valued logic, choices and comparisons.</summary>
internal sealed class LogicFunctions(GraphMath math, Conversions conversions)
{
    /// <summary>A bool value that is true where the condition is true, not where it is NULL.</summary>
    public string IsTrue(Operand condition)
    {
        var truth = conversions.ToTruth(condition);
        return truth.Null is null ? truth.Name : math.And(truth.Name, math.Not(truth.Null));
    }

    /// <summary>One of two values of the same type, by a condition that is true or not.</summary>
    public Operand Choose(Operand when, Operand then, Operand otherwise)
    {
        var condition = IsTrue(when);
        var isTruth = then.Type == OperandType.Truth;
        var name = isTruth
            ? math.WhereTruth(condition, then.Name, otherwise.Name)
            : math.Where(condition, then.Name, otherwise.Name);
        string? missing = null;
        if (then.Null is not null || otherwise.Null is not null)
            missing = math.WhereTruth(condition, then.Null ?? math.Truth(false), otherwise.Null ?? math.Truth(false));
        var perRow = when.PerRow || then.PerRow || otherwise.PerRow;
        return new Operand(name, then.Type, missing, perRow, CanBeNaN: then.CanBeNaN || otherwise.CanBeNaN);
    }

    public Operand And(Operand a, Operand b)
    {
        (a, b) = (conversions.ToTruth(a), conversions.ToTruth(b));
        var value = math.And(IsTrue(a), IsTrue(b));
        var missing = conversions.OrNull(a.Null, b.Null) is { } either
            ? math.And(either, math.Not(math.Or(IsFalse(a), IsFalse(b))))
            : null;
        return new Operand(value, OperandType.Truth, missing, a.PerRow || b.PerRow);
    }

    public Operand Or(Operand a, Operand b)
    {
        (a, b) = (conversions.ToTruth(a), conversions.ToTruth(b));
        var value = math.Or(IsTrue(a), IsTrue(b));
        var missing = conversions.OrNull(a.Null, b.Null) is { } either ? math.And(either, math.Not(value)) : null;
        return new Operand(value, OperandType.Truth, missing, a.PerRow || b.PerRow);
    }

    public Operand Not(Operand a)
    {
        a = conversions.ToTruth(a);
        return a with { Name = math.Not(a.Name), Literal = null };
    }

    /// <summary>A mask may be constant where its value is not, so it is not taken to have rows.</summary>
    public Operand IsNull(Operand a) => new(a.Null ?? math.Truth(false), OperandType.Truth, null, PerRow: false);

    public Operand Coalesce(string name, ReadOnlySpan<Operand> operands)
    {
        var values = conversions.Unify(name, operands);
        var result = values[^1];
        for (var i = values.Length - 2; i >= 0; i--)
            result = values[i].Null is { } missing ? Fill(values[i], missing, result) : values[i];
        return result;
    }

    /// <summary>`a` unless it equals `b`, then NULL.</summary>
    public Operand NullIf(Operand a, Operand b)
    {
        var equal = IsTrue(Equal("nullif", a, b));
        return a with
        {
            Null = conversions.OrNull(a.Null, equal), Literal = null, NullIsNaN = false,
        };
    }

    public Operand Equal(string name, Operand a, Operand b)
    {
        var pair = conversions.Unify(name, a, b);
        (a, b) = (pair[0], pair[1]);
        var equal = a.Type == OperandType.Text ? TextEqual(a, b) : math.Equal(a.Name, b.Name);
        if (a.CanBeNaN && b.CanBeNaN) equal = math.Or(equal, math.And(math.IsNaN(a.Name), math.IsNaN(b.Name)));
        return Result(equal, a, b);
    }

    public Operand Less(string name, Operand a, Operand b)
    {
        (a, b) = Ordered(name, a, b);
        var less = math.Less(a.Name, b.Name);
        if (b.CanBeNaN)
        {
            var onlyB = math.IsNaN(b.Name);
            if (a.CanBeNaN) onlyB = math.And(onlyB, math.Not(math.IsNaN(a.Name)));
            less = math.Or(less, onlyB);
        }

        return Result(less, a, b);
    }

    public Operand LessOrEqual(string name, Operand a, Operand b)
    {
        (a, b) = Ordered(name, a, b);
        var less = math.LessOrEqual(a.Name, b.Name);
        if (b.CanBeNaN) less = math.Or(less, math.IsNaN(b.Name));
        return Result(less, a, b);
    }

    /// <summary>Equal, NULL counting as a value.</summary>
    public Operand NotDistinct(string name, Operand a, Operand b)
    {
        var equal = Equal(name, a, b);
        if (equal.Null is null) return equal;
        var both = a.Null is null || b.Null is null ? math.Truth(false) : math.And(a.Null, b.Null);
        return equal with { Name = math.Or(math.And(equal.Name, math.Not(equal.Null)), both), Null = null };
    }

    private Operand Result(string value, Operand a, Operand b) =>
        new(value, OperandType.Truth, conversions.OrNull(a.Null, b.Null), a.PerRow || b.PerRow);

    private (Operand A, Operand B) Ordered(string name, Operand a, Operand b)
    {
        var pair = conversions.Unify(name, a, b);
        if (pair[0].Type == OperandType.Text)
            throw new UnsupportedExpressionException($"'{name}' cannot order texts; only = and <> compare them");
        if (pair[0].Type != OperandType.Truth) return (pair[0], pair[1]);
        return (conversions.ToInteger(pair[0]), conversions.ToInteger(pair[1]));
    }

    private string TextEqual(Operand a, Operand b)
    {
        if (b.Literal is string right) return math.IsOneOf(a.Name, [right]);
        if (a.Literal is string left) return math.IsOneOf(b.Name, [left]);
        return math.EqualText(a.Name, b.Name);
    }

    private Operand Fill(Operand a, string missing, Operand b)
    {
        var name = a.Type == OperandType.Truth
            ? math.WhereTruth(missing, b.Name, a.Name)
            : math.Where(missing, b.Name, a.Name);
        var both = b.Null is null ? null : math.And(missing, b.Null);
        return new Operand(name, a.Type, both, a.PerRow || b.PerRow, CanBeNaN: a.CanBeNaN || b.CanBeNaN);
    }

    private string IsFalse(Operand truth) =>
        truth.Null is null ? math.Not(truth.Name) : math.Not(math.Or(truth.Name, truth.Null));
}
