using System.Collections.Immutable;
using Gyre.Data;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Tabular.Expressions;

namespace Gyre.Features;

/// <summary>
/// Checks derived features before anything is trained: that DuckDB accepts their SQL, and that each can be computed from
/// a request's own row or is sent by the client.
/// </summary>
/// <param name="whyNotServable">
/// Why the served model cannot compute a derived column although it is row-wise, or null when it can.
/// </param>
public sealed class FeaturePlanner(Func<DerivedColumn, Schema, string?> whyNotServable)
{
    /// <summary>Plans the features over the columns of a snapshot.</summary>
    /// <param name="raw">The snapshot's columns.</param>
    /// <param name="definitions">The features, in order.</param>
    /// <param name="unavailable">
    /// Columns that no request carries, such as the target: a computed feature may not use them.
    /// </param>
    /// <exception cref="GyreException">A feature's SQL is wrong, or it cannot be served; names the feature.</exception>
    public FeaturePlan Plan(Schema raw, IReadOnlyList<FeatureDefinition> definitions, IReadOnlyCollection<string> unavailable)
    {
        using var sql = SqlEngine.Sandbox(new Dictionary<string, string>());
        var schema = raw.ToList();
        var derived = ImmutableArray.CreateBuilder<DerivedColumn>();
        var request = raw.Where(c => !unavailable.Contains(c.Name)).ToList();
        for (var i = 0; i < definitions.Count; i++)
        {
            var feature = definitions[i];
            if (schema.Exists(c => c.Name == feature.Name))
                throw Refuse(feature, "a column of that name exists already");
            // Parsed before it is bound: "looks at other rows" says more than what the binder would complain of.
            var expression = feature.Serve == ServeMode.Compute ? Parse(sql, feature) : null;
            var column = new ColumnDefinition(feature.Name, TypeOf(sql, raw, definitions, i));
            if (expression is null) request.Add(column);
            else derived.Add(Compile(feature, column.Type, expression, request, derived));
            schema.Add(column);
        }

        return new FeaturePlan(raw, [.. definitions], new Schema(schema), derived.ToImmutable(), new Schema(request));
    }

    private static RowExpression Parse(SqlEngine sql, FeatureDefinition feature)
    {
        try
        {
            return RowExpressionParser.Parse(sql.SerializeSql($"SELECT {feature.Sql}"));
        }
        catch (NotRowWiseException reason)
        {
            throw NotServable(feature, reason);
        }
        catch (GyreException error)
        {
            throw Refuse(feature, error.Message);
        }
    }

    private DerivedColumn Compile(
        FeatureDefinition feature, ColumnType type, RowExpression expression, List<ColumnDefinition> request,
        IReadOnlyList<DerivedColumn> before)
    {
        try
        {
            var column = new DerivedColumn(feature.Name, type, Canonical(expression, request, before));
            var available = new Schema(
                [.. request, .. before.Select(d => new ColumnDefinition(d.Name, d.Type))]);
            if (whyNotServable(column, available) is { } reason) throw new NotRowWiseException(reason);
            return column;
        }
        catch (NotRowWiseException reason)
        {
            throw NotServable(feature, reason);
        }
    }

    private static GyreException NotServable(FeatureDefinition feature, NotRowWiseException reason) => Refuse(feature,
        $"{reason.Message}, so it can't be computed from one request row; " +
        "set `serve: request` to have clients send its value, or remove it");

    /// <summary>Gives column references the case of the schema: SQL names are case-insensitive.</summary>
    private static RowExpression Canonical(
        RowExpression expression, List<ColumnDefinition> request, IReadOnlyList<DerivedColumn> before)
    {
        return Walk(expression);

        RowExpression Walk(RowExpression node) => node switch
        {
            ColumnReference reference => new ColumnReference(Find(reference.Name)),
            Call call => new Call(call.Name, [.. call.Arguments.Select(Walk)]),
            Case choice => new Case(
                [.. choice.Branches.Select(b => new CaseBranch(Walk(b.When), Walk(b.Then)))], Walk(choice.Else)),
            Cast cast => cast with { Operand = Walk(cast.Operand) },
            _ => node,
        };

        string Find(string name) =>
            request.Select(c => c.Name).Concat(before.Select(d => d.Name))
                .FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new NotRowWiseException($"no request carries the column '{name}'");
    }

    private static ColumnType TypeOf(
        SqlEngine sql, Schema raw, IReadOnlyList<FeatureDefinition> definitions, int index)
    {
        var feature = definitions[index];
        var inner = $"SELECT {string.Join(", ", raw.Select(Typed))}";
        foreach (var before in definitions.Take(index))
            inner = $"SELECT *, ({before.Sql}) AS {SqlText.Identifier(before.Name)} FROM ({inner})";
        try
        {
            var result = sql.Query($"SELECT ({feature.Sql}) AS derived FROM ({inner}) LIMIT 0");
            return result.Columns[0].Type;
        }
        catch (GyreException error) when (error.IsUserError || error.Code == ErrorCode.Unavailable)
        {
            throw Refuse(feature, error.Message);
        }
    }

    /// <summary>A column of the right type without a value: binding needs types, not rows.</summary>
    private static string Typed(ColumnDefinition column)
    {
        var type = column.Type switch
        {
            ColumnType.Numeric => "DOUBLE",
            ColumnType.Integer => "BIGINT",
            ColumnType.Boolean => "BOOLEAN",
            ColumnType.Timestamp => "TIMESTAMP",
            ColumnType.Image => "BLOB",
            _ => "VARCHAR",
        };
        return $"CAST(NULL AS {type}) AS {SqlText.Identifier(column.Name)}";
    }

    private static GyreException Refuse(FeatureDefinition feature, string reason) =>
        GyreException.Invalid($"gyre.yaml: features.derive.{feature.Name}: {reason}");
}
