using System.Collections.Immutable;
using System.Text.Json;
using Gyre.Fixtures;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Models.Tests;

/// <summary>Reads <c>Golden/expressions.json</c>, which <c>Golden/expressions.py</c> made with DuckDB.</summary>
internal sealed class ExpressionGolden
{
    public static readonly ExpressionGolden Instance = new();

    private ExpressionGolden()
    {
        var path = Path.Combine(TestData.Root, "tests", "Models.Tests", "Golden", "expressions.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        Schema = new Schema(root.GetProperty("columns").EnumerateArray().Select(c => new ColumnDefinition(
            c.GetProperty("name").GetString()!, Enum.Parse<ColumnType>(c.GetProperty("type").GetString()!),
            c.GetProperty("nullable").GetBoolean())));
        var rows = root.GetProperty("rows").EnumerateArray().Select(r => r.EnumerateArray().ToArray()).ToArray();
        Rows = new Table(Schema.Select((c, i) => ToColumn(c, [.. rows.Select(r => r[i])])));
        Cases = [.. root.GetProperty("cases").EnumerateArray().Select(c => new ExpressionCase(
            c.GetProperty("sql").GetString()!,
            Enum.Parse<ColumnType>(c.GetProperty("type").GetString()!),
            Tree(c.GetProperty("tree")),
            [.. c.GetProperty("values").EnumerateArray().Select(Value)]))];
    }

    public Schema Schema { get; }

    public Table Rows { get; }

    public ImmutableArray<ExpressionCase> Cases { get; }

    private static Column ToColumn(ColumnDefinition column, JsonElement[] values)
    {
        var missing = values.Select(v => v.ValueKind == JsonValueKind.Null).ToArray();
        return column.Type switch
        {
            ColumnType.Numeric => new Column<double>(column.Name, column.Type,
                [.. values.Select(v => v.ValueKind == JsonValueKind.Null ? double.NaN : v.GetDouble())]),
            ColumnType.Boolean => new Column<bool>(column.Name, column.Type,
                [.. values.Select(v => v.ValueKind == JsonValueKind.True)], missing),
            ColumnType.Categorical =>
                CategoricalColumn.FromValues(column.Name, column.Type, values.Select(v => v.GetString())),
            _ => new Column<long>(column.Name, column.Type,
                [.. values.Select(v => v.ValueKind == JsonValueKind.Null ? 0 : v.GetInt64())], missing),
        };
    }

    private static RowExpression Tree(JsonElement node) => node[0].GetString() switch
    {
        "column" => new ColumnReference(node[1].GetString()!),
        "literal" => new Literal(Constant(node[1])),
        "call" => new Call(node[1].GetString()!, [.. node[2].EnumerateArray().Select(Tree)]),
        "case" => new Case(
            [.. node[1].EnumerateArray().Select(b => new CaseBranch(Tree(b[0]), Tree(b[1])))], Tree(node[2])),
        "cast" => new Cast(Tree(node[1]), Enum.Parse<ColumnType>(node[2].GetString()!)),
        var kind => throw new InvalidDataException($"'{kind}' is no expression."),
    };

    private static object? Constant(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ when value.GetRawText().Contains('.', StringComparison.Ordinal) => value.GetDouble(),
        _ => value.GetInt64(),
    };

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString() switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            var text => text,
        },
        _ => value.GetDouble(),
    };
}

internal sealed record ExpressionCase(string Sql, ColumnType Type, RowExpression Tree, ImmutableArray<object?> Values);
