using System.Collections.Immutable;
using System.Globalization;
using Gyre.Data.Sql;
using Gyre.Tabular;

namespace Gyre.Data.Inspection;

/// <summary>Profiles the columns of a typed table.</summary>
internal static class ColumnProfiles
{
    /// <summary>The most values that a profile lists.</summary>
    public const int MostValues = 50;

    private const int ColumnsAtOnce = 200;
    private const int Aggregates = 5;
    private const char Separator = '\u001f';

    public static ImmutableArray<ColumnProfile> Query(
        SqlEngine engine, string table, Schema schema, long rows, CancellationToken cancellationToken)
    {
        var profiles = ImmutableArray.CreateBuilder<ColumnProfile>(schema.Count);
        foreach (var batch in schema.Chunk(ColumnsAtOnce))
        {
            var answer = engine.Query(
                $"SELECT {string.Join(", ", batch.Select(Select))} FROM {table}", types: null, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                object? Value(int offset, int column) => answer.Columns[column * Aggregates + offset].ValueAt(0);
                profiles.Add(new ColumnProfile(
                    batch[i].Name, batch[i].Type, rows - (long)(Value(0, i) ?? 0L), (long)(Value(1, i) ?? 0L),
                    Value(2, i) as double?, Value(3, i) as double?, Value(4, i) as double?, []));
            }
        }

        return WithValues(engine, table, profiles.MoveToImmutable(), cancellationToken);
    }

    private static string Select(ColumnDefinition column, int position)
    {
        var name = SqlText.Name(column.Name);
        var number = column.Type switch
        {
            ColumnType.Numeric or ColumnType.Integer => $"CAST({name} AS DOUBLE)",
            ColumnType.Timestamp => $"CAST(epoch_us({name}) AS DOUBLE)",
            _ => "NULL::DOUBLE",
        };
        var mean = column.Type == ColumnType.Timestamp ? "NULL::DOUBLE" : $"avg({number})";
        string[] aggregates = [$"count({name})", $"count(DISTINCT {name})", $"min({number})", $"max({number})", mean];
        return string.Join(", ", aggregates.Select((sql, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{sql} AS c{position}_{i}")));
    }

    private static ImmutableArray<ColumnProfile> WithValues(
        SqlEngine engine, string table, ImmutableArray<ColumnProfile> profiles, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var listed = profiles.Where(p => p.Type is ColumnType.Categorical && p.Distinct is > 0 and <= MostValues);
        foreach (var batch in listed.Chunk(ColumnsAtOnce))
        {
            var selects = batch.Select((p, i) => string.Create(CultureInfo.InvariantCulture,
                $"string_agg(DISTINCT {SqlText.Name(p.Name)}, chr({(int)Separator})) AS c{i}"));
            var answer = engine.Query($"SELECT {string.Join(", ", selects)} FROM {table}", types: null, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
            {
                var text = (string)(answer.Columns[i].ValueAt(0) ?? "");
                values[batch[i].Name] = [.. text.Split(Separator).Order(StringComparer.Ordinal)];
            }
        }

        return [.. profiles.Select(p => values.TryGetValue(p.Name, out var list) ? p with { Values = list } : p)];
    }
}
