using System.Globalization;
using Gyre.Data.Snapshots;
using Gyre.Data.Sources;
using Gyre.Data.Sql;
using Gyre.Primitives;

namespace Gyre.Data.Contracts;

/// <summary>Sets aside the rows that break a rule.</summary>
internal static class Quarantine
{
    public static ContractReport Write(
        SqlEngine engine, Snapshot snapshot, List<RowRule> rules, string folder, CancellationToken cancellationToken)
    {
        var quarantine = Path.Combine(folder, $"{snapshot.Hash.Short}-{Key(rules)}.quarantine.csv");
        var valid = Path.Combine(folder, $"{snapshot.Hash.Short}-{Key(rules)}.valid.parquet");
        var labels = string.Join(", ", rules.Select(rule => $"CASE WHEN {rule.Broken} THEN {SqlText.Literal(rule.Label)} END"));
        engine.Execute($"""
            CREATE OR REPLACE TABLE gyre_broken AS SELECT row, labels FROM (
              SELECT {CheckedRows.Row} AS row, array_to_string([{labels}], '; ') AS labels FROM ({CheckedRows.Sql(snapshot, rules.Select(rule => rule.Column))}))
            WHERE labels <> ''
            """, cancellationToken);
        var rows = long.Parse(engine.QueryText("SELECT count(*) FROM gyre_broken") ?? "0", CultureInfo.InvariantCulture);
        var temporaryRows = DurableFile.TemporaryBeside(quarantine);
        var temporaryValid = DurableFile.TemporaryBeside(valid);
        try
        {
            engine.Execute(
                $"COPY ({BrokenRows(snapshot)}) TO {SqlText.Literal(temporaryRows)} (FORMAT csv, HEADER)", cancellationToken);
            WriteValid(engine, snapshot, temporaryValid, cancellationToken);
            DurableFile.Flush(temporaryRows);
            DurableFile.Flush(temporaryValid);
            File.Move(temporaryRows, quarantine, overwrite: true);
            File.Move(temporaryValid, valid, overwrite: true);
        }
        finally
        {
            File.Delete(temporaryRows);
            File.Delete(temporaryValid);
        }

        return new ContractReport([], rows, quarantine, valid, Failed: false);
    }

    private static void WriteValid(SqlEngine engine, Snapshot snapshot, string path, CancellationToken cancellationToken) =>
        ParquetFile.Write(engine, $"""
            SELECT * EXCLUDE (file_row_number)
            FROM read_parquet({SqlText.Literal(SourceFiles.Escape(snapshot.Path))}, file_row_number=true)
            WHERE file_row_number + 1 NOT IN (SELECT row FROM gyre_broken)
            ORDER BY file_row_number
            """, path, new Dictionary<string, string> { [SchemaJson.Key] = SchemaJson.Write(snapshot.Schema) },
            cancellationToken, snapshot.Schema.Count);

    private static string BrokenRows(Snapshot snapshot)
    {
        var columns = snapshot.Schema.Select(column =>
        {
            var name = SqlText.Name(column.Name);
            var text = $"{CheckedRows.RejectedTexts}[list_position({CheckedRows.RejectedColumns}, {SqlText.Literal(column.Name)})]";
            return $"coalesce({text}, CAST({name} AS VARCHAR)) AS {name}";
        });
        return $"""
            SELECT broken.row AS "row", broken.labels AS broken_rules, {string.Join(", ", columns)}
            FROM ({CheckedRows.Sql(snapshot, snapshot.Schema.Select(column => column.Name))}) AS rows JOIN gyre_broken AS broken ON broken.row = rows.{CheckedRows.Row}
            ORDER BY broken.row
            """;
    }

    // Another contract over the same snapshot sets other rows aside: the files must not share a name.
    private static string Key(List<RowRule> rules) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(
        string.Join("\n", rules.Select(rule => $"{rule.Label} {rule.Broken}")))).Hex[..8];
}
