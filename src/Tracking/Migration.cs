namespace Gyre.Tracking;

/// <summary>
/// One numbered step of a module's own tables, run once per database. It must not break an older program that has the
/// same database open: add tables, indexes and nullable columns, never drop or rename.
/// </summary>
/// <param name="Number">1, 2, 3… without gaps, per module.</param>
/// <param name="Sql">
/// One or more statements of DDL; run inside a transaction. Written in SQLite's words, of which these are put into
/// PostgreSQL's: <c>INTEGER</c> (64 bits), <c>INTEGER PRIMARY KEY [AUTOINCREMENT]</c>, <c>REAL</c>, <c>BLOB</c>,
/// <c>WITHOUT ROWID</c>; nothing else may be SQLite's alone.
/// </param>
public sealed record Migration(int Number, string Sql);
