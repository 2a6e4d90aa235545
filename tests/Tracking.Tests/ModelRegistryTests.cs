using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class ModelRegistryTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task CreateVersionAsync_AfterADeletion_NumberIsNotUsedAgain(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        var run = await workspace.Runs.StartAsync(new RunStart(0, "r"));
        var first = await workspace.Registry.CreateVersionAsync("bike", workspace.Package(), run.Id,
            new Dictionary<string, string> { ["snapshot"] = "abc" }, "the first");
        var second = await workspace.Registry.CreateVersionAsync("bike", workspace.Package("two"), null);
        await workspace.Registry.DeleteVersionAsync("bike", second.Version);
        var third = await workspace.Registry.CreateVersionAsync("bike", workspace.Package("three"), null);

        Assert.Equal([1, 2, 3], new[] { first.Version, second.Version, third.Version });
        Assert.Equal([3, 1], workspace.Registry.List("bike").Select(version => version.Version));
        Assert.Equal(("the first", run.Id, "abc", workspace.Package(), "mlflow-artifacts:/packages/model"),
            (first.Description, first.RunId, first.Tags["snapshot"], first.Folder, first.Source));
        Assert.Null(workspace.Registry.Find("bike", 2));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task CreateVersionAsync_FolderAbsent_LeavesNoModel(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await Assert.ThrowsAsync<GyreException>(
            () => workspace.Registry.CreateVersionAsync("bike", Path.Combine(workspace.Folder, "absent"), null));
        Assert.Empty(workspace.Registry.ListModels());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task List_VersionOfAnotherClient_HasNoFolder(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 1);
        await workspace.Database.WriteAsync(connection => SchemaTests.Execute(connection, """
            INSERT INTO model_versions (name, version, current_stage, source, status)
            VALUES ('bike', 2, 'None', 's3://bucket/model', 'READY')
            """));
        Assert.Equal(
            ["", workspace.Package("package-1")], workspace.Registry.List("bike").Select(version => version.Folder));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RollbackAsync_Repeated_GoesFurtherBackNotForth(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 3);
        for (var version = 1; version <= 3; version++)
            await workspace.Registry.SetAliasAsync("bike", "champion", version, "gates passed");

        Assert.Equal(2, workspace.Registry.PreviousVersion("bike", "champion"));
        Assert.Equal(2, (await workspace.Registry.RollbackAsync("bike", "champion", "by hand")).ToVersion);
        Assert.Equal(1, (await workspace.Registry.RollbackAsync("bike", "champion")).ToVersion);
        var error = await Assert.ThrowsAsync<GyreException>(() => workspace.Registry.RollbackAsync("bike", "champion"));

        Assert.Equal(ErrorCode.Conflict, error.Code);
        Assert.Equal(1, workspace.Registry.GetByAlias("bike", "champion")?.Version);
        Assert.Equal([(null, 1), (1, 2), (2, 3), (3, 2), (2, 1)],
            workspace.Registry.AliasHistory("bike", "champion")
                .Select(change => (change.FromVersion, change.ToVersion!.Value)));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RollbackAsync_PromotedAgainAfterARollback_ReturnsToTheVersionBefore(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 3);
        await workspace.Registry.SetAliasAsync("bike", "champion", 1);
        await workspace.Registry.SetAliasAsync("bike", "champion", 2);
        await workspace.Registry.RollbackAsync("bike", "champion");
        await workspace.Registry.SetAliasAsync("bike", "champion", 3);
        Assert.Equal(1, (await workspace.Registry.RollbackAsync("bike", "champion")).ToVersion);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RollbackAsync_PreviousDeleted_PassesItOver(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 3);
        for (var version = 1; version <= 3; version++) await workspace.Registry.SetAliasAsync(
            "bike", "champion", version);
        await workspace.Registry.DeleteVersionAsync("bike", 2);
        Assert.Equal(1, (await workspace.Registry.RollbackAsync("bike", "champion")).ToVersion);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task SetAliasAsync_Moves_RaisesTheEventOnceEach(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 2);
        var seen = new List<(int? From, int? To)>();
        workspace.Registry.AliasChanged += change => seen.Add((change.FromVersion, change.ToVersion));

        await workspace.Registry.SetAliasAsync("bike", "champion", 1);
        await workspace.Registry.SetAliasAsync("bike", "champion", 1);
        await workspace.Registry.SetAliasAsync("bike", "champion", 2);
        await workspace.Registry.RemoveAliasAsync("bike", "champion");
        await workspace.Registry.RemoveAliasAsync("bike", "champion");

        Assert.Equal([(null, 1), (1, 2), (2, null)], seen);
        Assert.Null(workspace.Registry.GetByAlias("bike", "champion"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task SetAliasAsync_VersionAbsent_IsNotFound(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 1);
        var error = await Assert.ThrowsAsync<GyreException>(
            () => workspace.Registry.SetAliasAsync("bike", "champion", 2));
        Assert.Equal(ErrorCode.NotFound, error.Code);
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("v12")]
    [InlineData("a b")]
    [InlineData("")]
    public async Task SetAliasAsync_BadName_IsRefused(string alias)
    {
        using var workspace = new Workspace();
        await RegisterAsync(workspace, 1);
        await Assert.ThrowsAsync<GyreException>(() => workspace.Registry.SetAliasAsync("bike", alias, 1));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task ListModels_WithAliases_ShowsThem(DatabaseKind kind)
    {
        using var workspace = new Workspace(server, kind);
        await RegisterAsync(workspace, 2);
        await workspace.Registry.SetAliasAsync("bike", "champion", 1);
        await workspace.Registry.SetAliasAsync("bike", "challenger", 2);
        var model = Assert.Single(workspace.Registry.ListModels());
        Assert.Equal(2, model.LatestVersion);
        Assert.Equal([("challenger", 2), ("champion", 1)], model.Aliases.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(["challenger"], workspace.Registry.Get("bike", 2).Aliases.AsEnumerable());
        Assert.Equal(1, workspace.Registry.VersionsByAlias("champion")["bike"]);
    }

    private static async Task RegisterAsync(Workspace workspace, int count)
    {
        for (var i = 1; i <= count; i++)
            await workspace.Registry.CreateVersionAsync("bike", workspace.Package($"package-{i}"), null);
    }
}
