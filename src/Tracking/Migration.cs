using System.Data.Common;

namespace Gyre.Tracking;

/// <summary>
/// One numbered step of a module's own tables, run once per database. It must not break an older program that has the
/// same database open: add tables, indexes and nullable columns, never drop or rename; where a table gives way to a
/// view of its name, the view takes what older programs write.
/// </summary>
/// <param name="Number">1, 2, 3… without gaps, per module.</param>
/// <param name="Sql">
/// One or more statements of DDL; run inside a transaction. Written in SQLite's words, of which these are put into
/// PostgreSQL's: <c>INTEGER</c> (64 bits), <c>INTEGER PRIMARY KEY [AUTOINCREMENT]</c>, <c>REAL</c>, <c>BLOB</c>,
/// <c>WITHOUT ROWID</c>; nothing else may be SQLite's alone.
/// </param>
public sealed record Migration(int Number, string Sql)
{
    /// <summary>
    /// Moves rows, after <see cref="Sql"/> and in the same transaction; null when there is nothing to move.
    /// </summary>
    public Action<DbConnection>? Move { get; init; }

    /// <summary>Views and the like, made last; null when there are none.</summary>
    public DialectDefinition? Definition { get; init; }
}

/// <summary>
/// What has to be said to each database in its own words: views, triggers, settings of storage. Kept in the database
/// (<c>gyre_definitions</c>), so that a copy, also one into the other kind of database, has it too.
/// </summary>
/// <param name="Table">The table that it is about; without it nothing is defined.</param>
/// <param name="Sqlite">The statements for SQLite.</param>
/// <param name="Postgres">The statements for PostgreSQL.</param>
public sealed record DialectDefinition(string Table, string Sqlite, string Postgres);
