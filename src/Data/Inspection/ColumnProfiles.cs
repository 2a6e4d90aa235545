using System.Collections.Immutable;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Profiles the columns of a typed table.</summary>
internal static class ColumnProfiles
{
    /// <summary>The most values that a profile lists.</summary>
    public const int MostValues = 50;

    private const char Separator = '\u001f';

    public static ImmutableArray<ColumnProfile> Query(
        SqlEngine engine, string table, Schema schema, long rows, CancellationToken cancellationToken)
    {
        var values = ColumnAggregates.Query(engine, table, schema.Select(column => Aggregates(column, rows)), cancellationToken);
        var profiles = schema.Select((column, i) => new ColumnProfile(
            column.Name, column.Type, rows - (long)(values[i][0] ?? 0L), (long)(values[i][1] ?? 0L),
            values[i][2] as double?, values[i][3] as double?, values[i][4] as double?, []));
        return WithValues(engine, table, [.. profiles], cancellationToken);
    }

    private static string[] Aggregates(ColumnDefinition column, long rows)
    {
        var name = SqlText.Name(column.Name);
        var number = column.Type switch
        {
            ColumnType.Numeric or ColumnType.Integer => $"CAST({name} AS DOUBLE)",
            ColumnType.Timestamp => $"CAST(epoch_us({name}) AS DOUBLE)",
            _ => "NULL::DOUBLE",
        };
        var mean = column.Type == ColumnType.Timestamp ? "NULL::DOUBLE" : $"avg({number})";
        return [$"count({name})", ColumnAggregates.CountDistinct(name, rows), $"min({number})", $"max({number})", mean];
    }

    private static ImmutableArray<ColumnProfile> WithValues(
        SqlEngine engine, string table, ImmutableArray<ColumnProfile> profiles, CancellationToken cancellationToken)
    {
        var listed = profiles.Where(p => p.Type is ColumnType.Categorical && p.Distinct is > 0 and <= MostValues).ToList();
        var lists = ColumnAggregates.Query(
            engine, table,
            listed.Select(p => new[] { $"string_agg(DISTINCT {SqlText.Name(p.Name)}, chr({(int)Separator}))" }), cancellationToken);
        var values = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        for (var i = 0; i < listed.Count; i++)
            values[listed[i].Name] = [.. ((string)(lists[i][0] ?? "")).Split(Separator).Order(StringComparer.Ordinal)];
        return [.. profiles.Select(p => values.TryGetValue(p.Name, out var list) ? p with { Values = list } : p)];
    }
}
