using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Features;

/// <summary>
/// Turns the syntax tree that DuckDB's `json_serialize_sql` gives for `SELECT expression` into a
/// <see cref="RowExpression"/>. What looks at other rows, or is no plain expression, is reported as not computable.
/// </summary>
internal static class RowExpressionParser
{
    /// <summary>Parses the tree of one select list entry.</summary>
    /// <exception cref="NotRowWiseException">The expression needs more than one row's own values.</exception>
    public static RowExpression Parse(string serializedSql)
    {
        using var document = JsonDocument.Parse(serializedSql);
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var failed) && failed.GetBoolean())
            throw GyreException.Invalid(root.GetProperty("error_message").GetString() ?? "the SQL cannot be parsed");
        var statements = root.GetProperty("statements");
        if (statements.GetArrayLength() != 1) throw new NotRowWiseException("it is more than one statement");
        var node = statements[0].GetProperty("node");
        if (node.GetProperty("type").GetString() != "SELECT_NODE") throw new NotRowWiseException("it is no plain expression");
        var list = node.GetProperty("select_list");
        if (list.GetArrayLength() != 1) throw new NotRowWiseException("it gives more than one column");
        return Convert(list[0]);
    }

    private static RowExpression Convert(JsonElement node) => Text(node, "class") switch
    {
        "COLUMN_REF" => Column(node),
        "CONSTANT" => Constant(node.GetProperty("value")),
        "FUNCTION" => Function(node),
        "COMPARISON" => Call.Of(Comparison(node), Convert(node.GetProperty("left")), Convert(node.GetProperty("right"))),
        "CONJUNCTION" => Conjunction(node),
        "OPERATOR" => Operator(node),
        "BETWEEN" => Between(node),
        "CASE" => CaseOf(node),
        "CAST" => CastOf(node),
        "WINDOW" => throw new NotRowWiseException(
            $"{Text(node, "function_name")}() OVER (…) looks at other rows"),
        "SUBQUERY" => throw new NotRowWiseException("a subquery looks at other rows"),
        "STAR" => throw new NotRowWiseException("* is no single column"),
        var other => throw new NotRowWiseException($"{other.ToLowerInvariant()} expressions cannot be computed from one row"),
    };

    private static ColumnReference Column(JsonElement node)
    {
        var names = node.GetProperty("column_names");
        return new ColumnReference(names[names.GetArrayLength() - 1].GetString() ?? "");
    }

    private static Literal Constant(JsonElement value)
    {
        if (value.GetProperty("is_null").GetBoolean()) return new Literal(null);
        var type = value.GetProperty("type");
        var content = value.GetProperty("value");
        return Text(type, "id") switch
        {
            "BOOLEAN" => new Literal(content.GetBoolean()),
            "VARCHAR" => new Literal(content.GetString()),
            "DECIMAL" => new Literal(Decimal(type, content)),
            "DOUBLE" or "FLOAT" => new Literal(content.GetDouble()),
            "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" =>
                new Literal(content.GetInt64()),
            var id => throw new NotRowWiseException($"a constant of type {id} is not supported"),
        };
    }

    /// <summary>A decimal is stored as its digits and a scale: 0.05 is 5 with scale 2.</summary>
    private static double Decimal(JsonElement type, JsonElement content)
    {
        var scale = type.GetProperty("type_info").GetProperty("scale").GetInt32();
        var digits = content.ValueKind == JsonValueKind.Object
            ? content.GetProperty("lower").GetDecimal()
            : decimal.Parse(content.GetRawText(), CultureInfo.InvariantCulture);
        for (; scale > 0; scale--) digits /= 10;
        return (double)digits;
    }

    private static RowExpression Function(JsonElement node)
    {
        var name = Text(node, "function_name").ToLowerInvariant();
        if (AggregateFunctions.Contains(name))
            throw new NotRowWiseException($"{name}() aggregates over other rows");
        return new Call(name, Children(node));
    }

    private static RowExpression Conjunction(JsonElement node)
    {
        var name = Text(node, "type") == "CONJUNCTION_AND" ? "and" : "or";
        return Fold(name, [.. Children(node)]);
    }

    private static RowExpression Operator(JsonElement node)
    {
        var children = Children(node);
        return Text(node, "type") switch
        {
            "OPERATOR_NOT" => new Call("not", children),
            "OPERATOR_IS_NULL" => new Call("is_null", children),
            "OPERATOR_IS_NOT_NULL" => new Call("is_not_null", children),
            "OPERATOR_COALESCE" => new Call("coalesce", children),
            "COMPARE_IN" => In(children),
            "COMPARE_NOT_IN" => Call.Of("not", In(children)),
            var other => throw new NotRowWiseException($"the operator {other} is not supported"),
        };
    }

    private static RowExpression In(ImmutableArray<RowExpression> children) =>
        Fold("or", [.. children.Skip(1).Select(option => Call.Of("=", children[0], option))]);

    private static RowExpression Fold(string name, ReadOnlySpan<RowExpression> operands)
    {
        var folded = operands[0];
        foreach (var operand in operands[1..]) folded = Call.Of(name, folded, operand);
        return folded;
    }

    private static Call Between(JsonElement node)
    {
        var input = Convert(node.GetProperty("input"));
        return Call.Of("and",
            Call.Of(">=", input, Convert(node.GetProperty("lower"))),
            Call.Of("<=", input, Convert(node.GetProperty("upper"))));
    }

    private static Case CaseOf(JsonElement node) => new(
        [
            .. node.GetProperty("case_checks").EnumerateArray().Select(check =>
                new CaseBranch(Convert(check.GetProperty("when_expr")), Convert(check.GetProperty("then_expr")))),
        ],
        Convert(node.GetProperty("else_expr")));

    private static Cast CastOf(JsonElement node)
    {
        var operand = Convert(node.GetProperty("child"));
        var id = Text(node.GetProperty("cast_type"), "id");
        var type = id switch
        {
            "DOUBLE" or "FLOAT" or "DECIMAL" => ColumnType.Numeric,
            "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "HUGEINT" =>
                ColumnType.Integer,
            "BOOLEAN" => ColumnType.Boolean,
            "VARCHAR" => ColumnType.Categorical,
            _ => throw new NotRowWiseException($"a cast to {id} is not supported"),
        };
        return new Cast(operand, type);
    }

    private static string Comparison(JsonElement node) => Text(node, "type") switch
    {
        "COMPARE_EQUAL" => "=",
        "COMPARE_NOTEQUAL" => "<>",
        "COMPARE_LESSTHAN" => "<",
        "COMPARE_GREATERTHAN" => ">",
        "COMPARE_LESSTHANOREQUALTO" => "<=",
        "COMPARE_GREATERTHANOREQUALTO" => ">=",
        var other => throw new NotRowWiseException($"the comparison {other} is not supported"),
    };

    private static ImmutableArray<RowExpression> Children(JsonElement node) =>
        [.. node.GetProperty("children").EnumerateArray().Select(Convert)];

    private static string Text(JsonElement node, string property) => node.GetProperty(property).GetString() ?? "";

    /// <summary>Aggregates read like functions in the syntax tree; DuckDB tells them apart only when it binds.</summary>
    private static readonly HashSet<string> AggregateFunctions = new(StringComparer.Ordinal)
    {
        "avg", "count", "count_star", "sum", "min", "max", "first", "last", "median", "mode", "quantile", "quantile_cont",
        "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "corr", "string_agg", "list", "any_value",
        "arg_min", "arg_max", "approx_quantile", "approx_count_distinct", "bool_and", "bool_or", "product", "fsum", "histogram",
    };
}
