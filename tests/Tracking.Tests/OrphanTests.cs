namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class OrphanTests(PostgresServer server)
{
    [Fact]
    public async Task FailOrphansAsync_ProcessKilled_MarksItsRunsAndNoOthers()
    {
        using var workspace = new Workspace();
        var mine = await workspace.Runs.StartAsync(new RunStart(0, "mine"));
        using var living = new OtherProcess(workspace.Folder);
        using var killed = new OtherProcess(workspace.Folder);
        await living.Writing;
        await killed.Writing;
        var said = (await killed.KillAsync()).Where(line => line.StartsWith("run ", StringComparison.Ordinal))
            .Select(line => line[4..]).ToHashSet();

        var failed = (await workspace.Runs.FailOrphansAsync()).ToHashSet();

        Assert.Equal(RunStatus.Running, workspace.Runs.Get(mine.Id).Status);
        Assert.All(said, id => Assert.NotEqual(RunStatus.Running, workspace.Runs.Get(id).Status));
        Assert.All(failed, id => Assert.Equal(RunStatus.Failed, workspace.Runs.Get(id).Status));
        Assert.All(failed, id => Assert.NotNull(workspace.Runs.Get(id).Tags[RunTags.Orphaned]));
        var others = (await living.KillAsync()).Where(line => line.StartsWith("run ", StringComparison.Ordinal))
            .Select(line => line[4..]);
        Assert.DoesNotContain(others, failed.Contains);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task FailOrphansAsync_DatabaseClosedByItsOwner_MarksItsRuns(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        Run left;
        using (var other = TrackingDatabase.Open(workspace.Address))
            left = await new RunStore(other, workspace.Artifacts, workspace.Time).StartAsync(new RunStart(0, "left"));

        Assert.Equal([left.Id], await workspace.Runs.FailOrphansAsync());
        Assert.Equal(
            (RunStatus.Failed, workspace.Time.Now),
            (workspace.Runs.Get(left.Id).Status, workspace.Runs.Get(left.Id).EndedAt));
        Assert.Empty(await workspace.Runs.FailOrphansAsync());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task FailOrphansAsync_OwnerOpenInTheSameProcess_IsLeftAlone(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        using var other = TrackingDatabase.Open(workspace.Address);
        await new RunStore(other, workspace.Artifacts, workspace.Time).StartAsync(new RunStart(0, "under way"));
        Assert.Empty(await workspace.Runs.FailOrphansAsync());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task FailOrphansAsync_RunOfAnotherClient_IsLeftAlone(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, """
            INSERT INTO runs (run_uuid, status, lifecycle_stage, experiment_id, start_time)
            VALUES ('0123456789abcdef0123456789abcdef', 'RUNNING', 'active', 0, 0)
            """));
        Assert.Empty(await workspace.Runs.FailOrphansAsync());
    }
}
