using System.Diagnostics;
using Gyre.Fixtures;
using Microsoft.Data.Sqlite;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class TrackingDatabaseTests(PostgresServer server)
{
    [Fact]
    public async Task WriteAsync_ManyAtOnce_ShareCommits()
    {
        using var workspace = new Workspace();
        await CreateTableAsync(workspace.Database);
        var commits = workspace.Database.Commits;
        // While the first item holds the writer, the others queue up behind it.
        using var release = new ManualResetEventSlim();
        var first = workspace.Database.WriteAsync(_ => release.Wait());
        var others = Enumerable.Range(0, 200).Select(i => InsertAsync(workspace.Database, i)).ToArray();
        release.Set();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(200, Count(workspace.Database));
        Assert.InRange(workspace.Database.Commits - commits, 1, 20);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WriteAsync_WorkThrows_OnlyItsOwnChangesAreUndone(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await CreateTableAsync(workspace.Database);
        using var release = new ManualResetEventSlim();
        var gate = workspace.Database.WriteAsync(_ => release.Wait());
        var before = InsertAsync(workspace.Database, 1);
        var failing = workspace.Database.WriteAsync(connection =>
        {
            SchemaTests.Execute(connection, "INSERT INTO gyre_test VALUES (2)");
            throw new InvalidOperationException("half way");
        });
        var after = InsertAsync(workspace.Database, 3);
        release.Set();

        await Task.WhenAll(gate, before, after);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => failing);

        Assert.Equal("half way", error.Message);
        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(
            [1L, 3L], SchemaTests.Query(connection, "SELECT n FROM gyre_test ORDER BY n").Select(row => row[0]));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WriteAsync_SeveralOfABatchThrow_TheOthersAreWrittenOnceEach(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await CreateTableAsync(workspace.Database);
        using var release = new ManualResetEventSlim();
        var gate = workspace.Database.WriteAsync(_ => release.Wait());
        var writes = Enumerable.Range(0, 60).Select(i => workspace.Database.WriteAsync(connection =>
        {
            SchemaTests.Execute(connection, $"INSERT INTO gyre_test VALUES ({i})");
            return i % 7 == 3 ? throw new InvalidOperationException($"{i}") : i;
        })).ToList();
        release.Set();
        await gate;
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);

        using var connection = workspace.Database.OpenConnection();
        var there = SchemaTests.Query(connection, "SELECT n FROM gyre_test ORDER BY n").Select(row => (long)row[0]!);
        Assert.Equal(Enumerable.Range(0, 60).Where(i => i % 7 != 3).Select(i => (long)i), there);
        for (var i = 0; i < writes.Count; i++)
        {
            if (i % 7 != 3) Assert.Equal(i, await writes[i]);
            else Assert.Equal($"{i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[i])).Message);
        }
    }

    [Fact]
    public async Task WriteAsync_CancelledBeforeItBegins_EndsAtOnceAndIsNotRun()
    {
        using var workspace = new Workspace();
        using var release = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var gate = workspace.Database.WriteAsync(_ => release.Wait());
        var ran = false;
        var cancelled = workspace.Database.WriteAsync(_ => { ran = true; }, cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(30)));
        release.Set();
        await gate;
        await workspace.Database.WriteAsync(_ => { });
        Assert.False(ran);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WriteAsync_WorkLeavesAStatementOpen_LaterWritesSucceed(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await CreateTableAsync(workspace.Database);
        System.Data.Common.DbDataReader? left = null;
        var careless = workspace.Database.WriteAsync(connection =>
        {
            var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO gyre_test VALUES (1), (2) RETURNING n";
            left = command.ExecuteReader();
        });
        await Record.ExceptionAsync(() => careless.WaitAsync(TimeSpan.FromSeconds(30)));
        await InsertAsync(workspace.Database, 3).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotNull(left);
        Assert.InRange(Count(workspace.Database), 1, 3);
    }

    [Fact]
    public async Task WriteAsync_LockedForLong_WaitsForItsTurn()
    {
        using var workspace = new Workspace();
        await CreateTableAsync(workspace.Database);
        using var other = TrackingDatabase.Open(workspace.DatabasePath);
        using var release = new ManualResetEventSlim();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holder = other.WriteAsync(_ =>
        {
            started.SetResult();
            release.Wait();
        });
        await started.Task;
        var waiting = InsertAsync(workspace.Database, 1);
        using (var reader = workspace.Database.OpenConnection())
            Assert.Equal(0L, SchemaTests.Query(reader, "SELECT count(*) FROM gyre_test").Single()[0]);
        Assert.False(waiting.IsCompleted);
        release.Set();
        await Task.WhenAll(holder, waiting);
        Assert.Equal(1, Count(workspace.Database));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WriteAsync_MoreThanTheQueueHolds_AllArrive(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await CreateTableAsync(workspace.Database);
        await Task.WhenAll(Enumerable.Range(0, 20_000).Select(i => InsertAsync(workspace.Database, i)));
        Assert.Equal(20_000, Count(workspace.Database));
    }

    [Fact]
    public async Task Dispose_WithQueuedWrites_FinishesThem()
    {
        using var folder = new TemporaryFolder();
        var database = TrackingDatabase.Open(folder.File("gyre.db"));
        await CreateTableAsync(database);
        var writes = Enumerable.Range(0, 500).Select(i => InsertAsync(database, i)).ToArray();
        database.Dispose();

        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => InsertAsync(database, 1));
        using var again = TrackingDatabase.Open(folder.File("gyre.db"));
        Assert.Equal(500, Count(again));
    }

    [Fact]
    public void OpenConnection_Write_IsRefused()
    {
        using var workspace = new Workspace();
        using var connection = workspace.Database.OpenConnection();
        Assert.Throws<SqliteException>(() => SchemaTests.Execute(connection, "DELETE FROM experiments"));
    }

    [Theory]
    [InlineData(Durability.Process, 1L)]
    [InlineData(Durability.Device, 2L)]
    public async Task Open_Durability_SetsSynchronousAndWal(Durability durability, long synchronous)
    {
        using var workspace = new Workspace(durability);
        await workspace.Database.WriteAsync(connection =>
        {
            Assert.Equal(synchronous, SchemaTests.Query(connection, "PRAGMA synchronous").Single()[0]);
            Assert.Equal("wal", SchemaTests.Query(connection, "PRAGMA journal_mode").Single()[0]);
            Assert.Equal(1L, SchemaTests.Query(connection, "PRAGMA foreign_keys").Single()[0]);
        });
    }

    [Fact]
    public async Task Open_SameEmptyFileFromManyThreads_AllSucceed()
    {
        using var folder = new TemporaryFolder();
        var opened = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Task.Run(() => TrackingDatabase.Open(folder.File("gyre.db")))));
        await Task.WhenAll(opened.Select((database, i) => database.WriteAsync(connection =>
            SchemaTests.Execute(connection, $"INSERT INTO experiments (name) VALUES ('e{i}')"))));
        foreach (var database in opened) database.Dispose();
    }

    [Fact]
    public async Task WriteAsync_AnotherQueueUnderUnbrokenLoad_GetsItsTurn()
    {
        using var workspace = new Workspace();
        await CreateTableAsync(workspace.Database);
        using var other = TrackingDatabase.Open(workspace.DatabasePath);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await InsertAsync(workspace.Database, 1);
        })).ToArray();

        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            await InsertAsync(other, 2);
            if (clock.Elapsed > slowest) slowest = clock.Elapsed;
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        // A turn comes every 50 ms; without it a write may wait as long as the load lasts.
        Assert.True(slowest < TimeSpan.FromSeconds(15), $"The slowest write waited {slowest}.");
    }

    [Fact]
    public async Task WriteAsync_TwoProcesses_BothWriteEverything()
    {
        using var workspace = new Workspace();
        using var first = new OtherProcess(workspace.Folder, "3");
        using var second = new OtherProcess(workspace.Folder, "3");
        for (var i = 0; i < 50; i++) await workspace.Runs.StartAsync(new RunStart(0, "mine"));
        var lines = (await first.EndAsync()).Concat(await second.EndAsync()).ToList();

        Assert.Equal(2 * 6 * 3, lines.Count(line => line.StartsWith("run ", StringComparison.Ordinal)));
        Assert.Equal(
            Enumerable.Range(1, 6), workspace.Registry.List("bike").Select(version => version.Version).Reverse());
        var experiment = workspace.Runs.FindExperiment("kill")!;
        Assert.All(workspace.Runs.List(experiment.Id), run => Assert.Equal(19, run.Metrics["a"]));
        Assert.Equal(50 + 6, workspace.Runs.List(0).Count);
    }

    [Theory, OnSqlite, OnPostgres]
    public void Migrate_Repeated_RunsEachStepOnce(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        Migration[] first = [new(1, "CREATE TABLE gyre_a (n INTEGER)")];
        Migration[] both = [.. first, new(2, "CREATE TABLE gyre_b (n INTEGER); INSERT INTO gyre_b VALUES (1)")];

        workspace.Database.Migrate("loop", first);
        workspace.Database.Migrate("loop", both);
        workspace.Database.Migrate("loop", both);
        workspace.Database.Migrate("loop", first); // an older program
        workspace.Database.Migrate("serving", [new(1, "CREATE TABLE gyre_c (n INTEGER)")]);

        using var connection = workspace.Database.OpenConnection();
        Assert.Equal(1L, SchemaTests.Query(connection, "SELECT count(*) FROM gyre_b").Single()[0]);
        Assert.Equal(
            [("loop", 1L), ("loop", 2L), ("serving", 1L), ("tracking", 1L), ("tracking", 2L), ("tracking", 3L)],
            SchemaTests.Query(connection, "SELECT module, number FROM gyre_schema_version ORDER BY 1, 2")
                .Select(row => ((string)row[0]!, (long)row[1]!)));
    }

    [Fact]
    public void Migrate_StepFails_LeavesNothing()
    {
        using var workspace = new Workspace();
        Assert.Throws<SqliteException>(() => workspace.Database.Migrate(
            "loop", [new(1, "CREATE TABLE gyre_a (n INTEGER)"), new(2, "CREATE TABLE gyre_a (n INTEGER)")]));
        using var connection = workspace.Database.OpenConnection();
        Assert.Empty(SchemaTests.Query(connection, "SELECT 1 FROM sqlite_master WHERE name = 'gyre_a'"));
    }

    [Theory, OnSqlite, OnPostgres]
    public void Migrate_NumbersWithAGap_Throws(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        Assert.Throws<ArgumentException>(() => workspace.Database.Migrate("loop", [new(2, "SELECT 1")]));
    }

    private static Task CreateTableAsync(TrackingDatabase database) =>
        database.WriteAsync(connection => SchemaTests.Execute(connection, "CREATE TABLE gyre_test (n INTEGER)"));

    private static Task<int> InsertAsync(TrackingDatabase database, int n) =>
        database.WriteAsync(connection => SchemaTests.Execute(connection, $"INSERT INTO gyre_test VALUES ({n})"));

    private static long Count(TrackingDatabase database)
    {
        using var connection = database.OpenConnection();
        return (long)SchemaTests.Query(connection, "SELECT count(*) FROM gyre_test").Single()[0]!;
    }
}
