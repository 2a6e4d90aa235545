using System.Data.Common;
using Gyre.Primitives;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking.Transfer;

/// <summary>
/// Copies a whole database into an empty one at the present revision, between SQLite and PostgreSQL as well: the tables
/// and columns that both have, and for what is newer than the source its default or one of the rules below.
/// </summary>
internal sealed class DatabaseCopy(DbConnection source, DbConnection target, TimeProvider time,
    CancellationToken cancellationToken)
{
    /// <summary>Values for columns that must have one and that older revisions lack, over the source's row.</summary>
    private static readonly Dictionary<(string Table, string Column), string> Rules = new()
    {
        [("metrics", "step")] = "0",
        [("metrics", "is_nan")] = "value IS NULL",
        [("inputs", "step")] = "0",
    };

    /// <summary>Copies everything.</summary>
    /// <param name="where">The source, for messages.</param>
    /// <param name="revision">The source's revision, which is a known one.</param>
    /// <param name="leaveOut">Tables that the user does without.</param>
    /// <returns>Rows per table that has any.</returns>
    /// <exception cref="GyreException">A column needs a value that no rule gives.</exception>
    public SortedDictionary<string, long> Run(string where, string revision, IReadOnlySet<string> leaveOut)
    {
        SchemaCreator.CreateTables(target, time);
        var rows = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in SchemaCreator.TableNames.Where(name =>
            name != "alembic_version" && !leaveOut.Contains(name)))
        {
            if (TableShape.Find(source, table) is { } from) Add(rows, table, Copy(where, from, Require(table)));
        }

        foreach (var table in TableShape.OwnTables(source))
            Add(rows, table, CopyOwn(where, table, leaveOut.Contains(table)));

        ModuleMigrations.Define(target);
        FillIn(revision);
        return rows;
    }

    private static void Add(SortedDictionary<string, long> rows, string table, long count)
    {
        if (count > 0) rows[table] = count;
    }

    private TableShape Require(string table) => TableShape.Find(target, table)
        ?? throw new InvalidOperationException($"The table '{table}' was not made.");

    // A table whose rows are left out is made all the same: its module has it on record and will not make it again.
    private long CopyOwn(string where, string table, bool empty)
    {
        if (TableShape.Find(target, table) is null)
            foreach (var statement in OwnTableDdl.Of(source, table, target.Dialect())) target.Execute(statement);
        if (empty) return 0;
        // TableShape.OwnTables has just named it.
        return Copy(where, TableShape.Find(source, table)!, Require(table),
            skipKnown: ModuleMigrations.Tables.Contains(table));
    }

    private long Copy(string where, TableShape from, TableShape to, bool skipKnown = false)
    {
        var known = from.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var columns = new List<(ColumnShape, string)>();
        foreach (var column in to.Columns.Where(column => !column.IsGenerated))
        {
            if (known.Contains(column.Name)) columns.Add((column, Expression(from, column)));
            else if (Rules.TryGetValue((to.Name, column.Name), out var rule)) columns.Add((column, rule));
            else if (column.IsNeeded && HasRows(from)) throw Unknown(where, to.Name, column.Name);
        }

        return new RowCopy(source, target, cancellationToken).Copy(from, to, columns, skipKnown);
    }

    // Before points could be NaN as 0 with a mark, they were NULL.
    private static string Expression(TableShape table, ColumnShape column) =>
        (table.Name, column.Name) is ("metrics", "value") ? "coalesce(value, 0)" : $"\"{column.Name}\"";

    private bool HasRows(TableShape table) => source.Scalar($"SELECT 1 FROM \"{table.Name}\" LIMIT 1") is not null;

    private static GyreException Unknown(string where, string table, string column) => new(ErrorCode.Refused,
        $"{where}: the rows of '{table}' have no '{column}', and no rule says what it would be; "
        + $"`--leave-out {table}` makes a copy without them.");

    /// <summary>What newer revisions keep besides, made from what the older ones had.</summary>
    private void FillIn(string revision)
    {
        if (MlflowRevisions.IsBefore(revision, "90e64c465722"))
        {
            target.Execute(
                """
                INSERT INTO tags (key, value, run_uuid)
                SELECT 'mlflow.user', user_id, run_uuid FROM runs WHERE user_id <> '' ON CONFLICT DO NOTHING
                """);
        }

        if (MlflowRevisions.IsBefore(revision, "89d4b8295536"))
        {
            target.Execute(
                """
                INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
                SELECT key, value, timestamp, step, is_nan, run_uuid FROM (
                  SELECT m.*, row_number() OVER (
                    PARTITION BY run_uuid, key ORDER BY step DESC, timestamp DESC, value DESC) AS place
                  FROM metrics m) AS ranked
                WHERE place = 1
                """);
        }
    }
}
