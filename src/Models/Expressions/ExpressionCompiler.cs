using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Models.Expressions;

/// <summary>
/// Turns a <see cref="RowExpression"/> into nodes with the meaning that DuckDB gives it: NULL spreads through
/// operators,
/// comparisons with NULL are not true, integers stay exact. Every value carries its own mask of NULLs.
/// </summary>
/// <param name="math">Where nodes go.</param>
/// <param name="column">Gives the value of a column, or null when there is none of that name.</param>
internal sealed class ExpressionCompiler(GraphMath math, Func<string, Operand?> column)
{
    private readonly FunctionLibrary _functions = new(math);

    /// <summary>The value of an expression.</summary>
    /// <exception cref="UnsupportedExpressionException">Something in it has no form in the graph; says
    /// what.</exception>
    public Operand Compile(RowExpression expression) => expression switch
    {
        ColumnReference reference => column(reference.Name)
            ?? throw new UnsupportedExpressionException($"there is no column '{reference.Name}'"),
        Literal literal => _functions.Conversions.Constant(literal.Value),
        Call { Name: "or" } call when TextChoice(call) is { } choice => choice,
        Call call => _functions.Call(call.Name, [.. call.Arguments.Select(Compile)]),
        Case choice => CompileCase(choice),
        Cast cast => _functions.Conversions.Cast(Compile(cast.Operand), cast.Type),
        _ => throw new UnsupportedExpressionException($"{expression.GetType().Name} is no known kind of expression"),
    };

    private Operand CompileCase(Case choice)
    {
        var conditions = choice.Branches.Select(b => Compile(b.When)).ToArray();
        var values = _functions.Conversions.Unify(
            "CASE", [.. choice.Branches.Select(b => Compile(b.Then)), Compile(choice.Else)]);
        var result = values[^1];
        for (var i = conditions.Length - 1; i >= 0; i--)
            result = _functions.Logic.Choose(conditions[i], values[i], result);
        return result;
    }

    /// <summary>`x = 'a' OR x = 'b' …`, which IN becomes: one look-up instead of a node chain per name.</summary>
    private Operand? TextChoice(Call call)
    {
        var names = new List<string>();
        RowExpression? subject = null;
        foreach (var leaf in Alternatives(call))
        {
            if (leaf is not Call { Name: "=", Arguments: [var left, Literal { Value: string name }] }) return null;
            if (subject is not null && !subject.Equals(left)) return null;
            subject = left;
            names.Add(name);
        }

        // A constant subject or one of another type takes the ordinary way.
        if (subject is null || Compile(subject) is not { Type: OperandType.Text, PerRow: true } text) return null;
        return text with { Name = math.IsOneOf(text.Name, names), Type = OperandType.Truth };
    }

    private static ImmutableArray<RowExpression> Alternatives(RowExpression expression) =>
        expression is Call { Name: "or" } call ? [.. call.Arguments.SelectMany(a => Alternatives(a))] : [expression];
}
