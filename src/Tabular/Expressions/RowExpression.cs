using System.Collections.Immutable;

namespace Gyre.Tabular.Expressions;

/// <summary>
/// An expression that is computed from the columns of one row: the common form between the SQL that derives a feature
/// for training and the graph that derives it for serving. Operators are functions (`+`, `and`, `&lt;`) with SQL's meaning
/// of missing values. Immutable.
/// </summary>
public abstract record RowExpression
{
    private protected RowExpression()
    {
    }

    /// <summary>This expression and all beneath it, outermost first.</summary>
    public IEnumerable<RowExpression> DescendantsAndSelf()
    {
        yield return this;
        var children = this switch
        {
            Call call => call.Arguments,
            Case @case => [.. @case.Branches.SelectMany(b => new[] { b.When, b.Then }), @case.Else],
            Cast cast => [cast.Operand],
            _ => ImmutableArray<RowExpression>.Empty,
        };
        foreach (var child in children)
        foreach (var descendant in child.DescendantsAndSelf())
            yield return descendant;
    }
}

/// <summary>The row's value in a column.</summary>
/// <param name="Name">The column.</param>
public sealed record ColumnReference(string Name) : RowExpression;

/// <summary>A constant.</summary>
/// <param name="Value"><see cref="double"/>, <see cref="long"/>, <see cref="bool"/>, <see cref="string"/>, or null for a missing value.</param>
public sealed record Literal(object? Value) : RowExpression;

/// <summary>
/// A function or operator. Names are lower case, as DuckDB writes them: `+ - * / // %`, `= &lt;&gt; &lt; &lt;= &gt; &gt;=`,
/// `and or not`, `is_null is_not_null coalesce`, `ln exp sqrt abs floor ceil round`, `hour dayofweek month` and so on.
/// </summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">Its arguments, in order.</param>
public sealed record Call(string Name, ImmutableArray<RowExpression> Arguments) : RowExpression
{
    /// <summary>Creates a call.</summary>
    public static Call Of(string name, params ReadOnlySpan<RowExpression> arguments) => new(name, [.. arguments]);

    /// <inheritdoc/>
    public bool Equals(Call? other) =>
        other is not null && Name == other.Name && Arguments.SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Arguments.Length);
}

/// <summary>`CASE WHEN … THEN … ELSE … END`: the first branch whose condition is true.</summary>
/// <param name="Branches">Conditions and values, in order.</param>
/// <param name="Else">The value when no condition holds.</param>
public sealed record Case(ImmutableArray<CaseBranch> Branches, RowExpression Else) : RowExpression
{
    /// <inheritdoc/>
    public bool Equals(Case? other) =>
        other is not null && Branches.SequenceEqual(other.Branches) && Else.Equals(other.Else);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Branches.Length, Else);
}

/// <summary>One `WHEN … THEN …`.</summary>
/// <param name="When">The condition.</param>
/// <param name="Then">The value.</param>
public readonly record struct CaseBranch(RowExpression When, RowExpression Then);

/// <summary>A conversion to another type.</summary>
/// <param name="Operand">What is converted.</param>
/// <param name="Type">The type it becomes: Numeric, Integer, Boolean or Categorical (text).</param>
public sealed record Cast(RowExpression Operand, ColumnType Type) : RowExpression;
