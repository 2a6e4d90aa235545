using System.Reflection;
using Xunit.Sdk;

namespace Gyre.Tracking.Tests;

/// <summary>The databases that stores are tested on.</summary>
public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>New databases for one case of a theory.</summary>
internal static class Databases
{
    /// <summary>A new database's address; null for SQLite, where every fixture has a file of its own.</summary>
    public static StoreAddress? Of(DatabaseKind kind, PostgresServer server) =>
        kind is DatabaseKind.Sqlite ? null : StoreAddress.Parse(server.CreateDatabaseAddress());
}

/// <summary>The theory's case on SQLite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnSqliteAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[DatabaseKind.Sqlite]];
}

/// <summary>The theory's case on PostgreSQL; skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnPostgresAttribute : DataAttribute
{
    public OnPostgresAttribute() => Skip = PostgresServer.Missing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[DatabaseKind.Postgres]];
}

/// <summary>A theory that is skipped, with the reason, where PostgreSQL is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.Missing;
}
