using System.Collections.Immutable;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Data;

/// <summary>The query behind a <see cref="RowStream"/>: inputs `v0`…, kept columns `k0`…, and `fault`.</summary>
internal sealed record RowStreamQuery(string Sql, ColumnPlan[] Plan, Schema Inputs, ImmutableArray<KeptColumn> Kept)
{
    public static RowStreamQuery Of(SourceRelation relation, RowStreamOptions options)
    {
        var inputs = options.Inputs.Select((wanted, i) => Input.Of(relation, wanted, i, options.Optional)).ToList();
        var kept = KeptOf(relation, options.Keep);
        var inner = inputs.SelectMany(i => i.Inner).Concat(kept.Select((k, i) => $"{Carry(k)} AS k{i}"));
        var outer = inputs.Select(i => i.Value).Concat(kept.Select((_, i) => $"k{i}")).Append($"{Fault(inputs)} AS fault");
        ColumnPlan[] plan =
        [
            .. options.Inputs.Select(c => new ColumnPlan(c.Name, c.Type, null)),
            .. kept.Select(k => new ColumnPlan(k.Name, k.Type, null)),
            new ColumnPlan("fault", ColumnType.Text, null),
        ];
        var sql = $"SELECT {string.Join(", ", outer)} FROM (SELECT {string.Join(", ", inner)} FROM ({relation.Sql}))";
        return new RowStreamQuery(sql, plan, options.Inputs, kept);
    }

    public RowUnit UnitOf(long first, ReadOnlySpan<Column> columns) => new(
        first, new Table(columns[..Inputs.Count].ToArray()), [.. columns[Inputs.Count..^1]], (CategoricalColumn)columns[^1]);

    private static ImmutableArray<KeptColumn> KeptOf(SourceRelation relation, ImmutableArray<string>? keep)
    {
        var columns = keep is null ? relation.Columns : [.. keep.Value.Select(relation.Find)];
        var repeated = columns.GroupBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null) throw GyreException.Invalid($"column '{repeated.Key}' is to be kept twice");
        return [.. columns.Select(c => new KeptColumn(c.Name, TypeOf(c.SqlType), c.SqlType))];
    }

    // What is neither a number of 64 bits nor a time of microseconds goes as text, which casts back exactly.
    private static ColumnType TypeOf(string sqlType) => sqlType switch
    {
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => ColumnType.Integer,
        "FLOAT" or "DOUBLE" => ColumnType.Numeric,
        "BOOLEAN" => ColumnType.Boolean,
        "DATE" or "TIMESTAMP" => ColumnType.Timestamp,
        _ => ColumnType.Text,
    };

    private static string Carry(KeptColumn column)
    {
        var name = SqlText.Name(column.Name);
        return column.Type switch
        {
            ColumnType.Timestamp => $"CAST({name} AS TIMESTAMP)",
            ColumnType.Text when column.SqlType != SourceColumn.Text => $"CAST({name} AS VARCHAR)",
            _ => name,
        };
    }

    // The reasons are only put together for the rows that have one.
    private static string Fault(List<Input> inputs)
    {
        var faults = inputs.SelectMany(i => i.Faults).ToList();
        if (faults.Count == 0) return "CAST(NULL AS VARCHAR)";
        return $"CASE WHEN {string.Join(" OR ", faults.Select(f => $"({f.When})"))} THEN concat_ws('; ', "
            + $"{string.Join(", ", faults.Select(f => $"CASE WHEN {f.When} THEN {f.Text} END"))}) END";
    }

    /// <summary>One input in the query.</summary>
    private sealed record Input(string[] Inner, string Value, (string When, string Text)[] Faults)
    {
        public static Input Of(SourceRelation relation, ColumnDefinition wanted, int i, ImmutableArray<string> optional)
        {
            var isAbsent = optional.Contains(wanted.Name) && relation.Columns.All(c => c.Name != wanted.Name);
            if (isAbsent) return new Input([], $"CAST(NULL AS {SqlTypes.Of(wanted.Type)}) AS v{i}", []);
            var found = relation.Find(wanted.Name);
            var value = $"{TypedSql.Value(found, wanted.Type)} AS v{i}";
            var faults = new List<(string, string)>();
            var source = new SourceColumn($"s{i}", found.SqlType);
            var isChecked = !TypedSql.AlwaysFits(found, wanted.Type);
            if (isChecked)
            {
                faults.Add(($"v{i} IS NULL AND {TypedSql.Present(source)}", string.Concat(
                    SqlText.Literal($"column '{wanted.Name}': '"), $" || left({TypedSql.Text(source)}, 200) || ",
                    SqlText.Literal($"' is not {wanted.Type.ToString().ToLowerInvariant()}"))));
            }

            if (!wanted.Nullable && wanted.Type is ColumnType.Integer or ColumnType.Boolean or ColumnType.Timestamp)
            {
                var missing = isChecked ? $"v{i} IS NULL AND NOT {TypedSql.Present(source)}" : $"v{i} IS NULL";
                faults.Add((missing, SqlText.Literal($"column '{wanted.Name}' has no value; in training every row had one")));
            }

            return new Input(isChecked ? [value, $"{SqlText.Name(found.Name)} AS s{i}"] : [value], $"v{i}", [.. faults]);
        }
    }
}
