using System.IO.Compression;
using Gyre.Fixtures;
using Gyre.Primitives;

namespace Gyre.Tracking.Tests;

[Collection(PostgresTests.Name)]
public class StoreBackupTests(PostgresServer server)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task BackupAsync_WhileRunsAreWritten_RestoresWhatWasAcknowledgedBefore(DatabaseKind kind)
    {
        using var source = new Workspace(server, kind);
        var run = await MlrunsTests.FillAsync(source);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var step = 0; !stop.IsCancellationRequested; step++)
            {
                var other = await source.Runs.StartAsync(new RunStart(0, $"r{step}"));
                await source.Artifacts.WriteTextAsync(other, "a.txt", "a", CancellationToken.None);
                await source.Runs.LogBatchAsync(other.Id, new RunBatch { Metrics = [new Metric("m", step, step)] });
            }
        });
        var file = Path.Combine(source.Folder, "backup.zip");
        await StoreBackup.BackupAsync(source.Address, source.Artifacts, file, overwrite: false, TimeProvider.System);
        await stop.CancelAsync();
        await writing;

        using var folder = new TemporaryFolder();
        var target = kind == DatabaseKind.Sqlite ? StoreAddress.OfFile(folder.File("gyre.db"))
            : StoreAddress.Parse(server.CreateDatabaseAddress());
        var artifacts = new ArtifactStore(folder.File("artifacts"));
        await StoreBackup.RestoreAsync(file, target, artifacts, overwrite: false, TimeProvider.System);

        using var database = TrackingDatabase.Open(target);
        var runs = new RunStore(database, artifacts, TimeProvider.System);
        Assert.Equal(source.Runs.Get(run.Id).Metrics, runs.Get(run.Id).Metrics);
        var registry = new ModelRegistry(database, artifacts, TimeProvider.System);
        Assert.Equal("weights", File.ReadAllText(Path.Combine(registry.Get("bike", 1).Folder, "model.bin")));
        // A run whose metric is there had its file before the metric.
        Assert.All(runs.List(0, 100_000).Where(other => other.Metrics.Count > 0),
            other => Assert.True(File.Exists(Path.Combine(artifacts.FolderOf(other), "a.txt"))));
        Assert.Equal(["backup.zip"], Directory.GetFiles(source.Folder, "backup*").Select(Path.GetFileName));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task BackupAsync_WhileGarbageIsCollected_RestoresAllThatLives(DatabaseKind kind)
    {
        using var source = new Workspace(server, kind);
        var alive = await MlrunsTests.FillAsync(source);
        for (var i = 0; i < 60; i++)
        {
            var run = await source.Runs.StartAsync(new RunStart(0, $"garbage{i}"));
            await source.Artifacts.WriteTextAsync(run, "a.txt", "a", CancellationToken.None);
        }

        await source.Database.WriteAsync(connection => SchemaTests.Execute(connection,
            "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = 1 WHERE name LIKE 'garbage%'"));
        var file = Path.Combine(source.Folder, "backup.zip");
        var collecting = Task.Run(() => CollectAsync(source.Database, source.Artifacts));
        await StoreBackup.BackupAsync(source.Address, source.Artifacts, file, overwrite: false, TimeProvider.System);
        await collecting;

        using var folder = new TemporaryFolder();
        var target = kind == DatabaseKind.Sqlite ? StoreAddress.OfFile(folder.File("gyre.db"))
            : StoreAddress.Parse(server.CreateDatabaseAddress());
        var artifacts = new ArtifactStore(folder.File("artifacts"));
        await StoreBackup.RestoreAsync(file, target, artifacts, overwrite: false, TimeProvider.System);
        using var database = TrackingDatabase.Open(target);
        await CollectAsync(database, artifacts); // of what the backup still held
        var runs = new RunStore(database, artifacts, TimeProvider.System);
        Assert.Equal(
            source.Runs.List(0, 1000).Select(run => run.Id).Order(), runs.List(0, 1000).Select(run => run.Id).Order());
        Assert.Equal(source.Runs.Get(alive.Id).Metrics, runs.Get(alive.Id).Metrics);
        Assert.Equal("weights", File.ReadAllText(Path.Combine(
            new ModelRegistry(database, artifacts, TimeProvider.System).Get("bike", 1).Folder, "model.bin")));
        Assert.Empty(Directory.EnumerateFiles(artifacts.Root, "a.txt", SearchOption.AllDirectories));
    }

    private static Task<GcReport> CollectAsync(TrackingDatabase database, ArtifactStore artifacts) =>
        new GarbageCollector(database, artifacts, null, TimeProvider.System).RunAsync(TimeSpan.Zero, dryRun: false);

    [PostgresFact]
    public async Task RestoreAsync_BackupOfAServer_IntoAFile()
    {
        using var source = new Workspace(server, DatabaseKind.Postgres);
        var run = await MlrunsTests.FillAsync(source);
        var file = Path.Combine(source.Folder, "backup.zip");
        await StoreBackup.BackupAsync(source.Address, source.Artifacts, file, overwrite: false, TimeProvider.System);
        using var folder = new TemporaryFolder();
        await StoreBackup.RestoreAsync(
            file, StoreAddress.OfFile(folder.File("gyre.db")), new ArtifactStore(folder.File("artifacts")),
                overwrite: false, TimeProvider.System);
        using var database = TrackingDatabase.Open(folder.File("gyre.db"));
        Assert.Equal(run.Name, new RunStore(database, source.Artifacts, TimeProvider.System).Get(run.Id).Name);
    }

    [Fact]
    public async Task RestoreAsync_SomethingIsThere_IsRefusedUnlessAsked()
    {
        using var workspace = new Workspace();
        var run = await MlrunsTests.FillAsync(workspace);
        var file = Path.Combine(workspace.Folder, "backup.zip");
        await StoreBackup.BackupAsync(workspace.Address, workspace.Artifacts, file, overwrite: false,
            TimeProvider.System);
        Assert.Equal(ErrorCode.AlreadyExists, await RefusedAsync(
            () => StoreBackup.BackupAsync(workspace.Address, workspace.Artifacts, file, overwrite: false,
                TimeProvider.System)));

        Assert.Equal(ErrorCode.AlreadyExists, await RefusedAsync(() => Restore(overwrite: false)));
        Assert.Equal(ErrorCode.Conflict, await RefusedAsync(() => Restore(overwrite: true))); // open here
        workspace.Database.Dispose();
        await workspace.Artifacts.WriteTextAsync(run, "later.txt", "x", CancellationToken.None);
        await Restore(overwrite: true);

        using var database = TrackingDatabase.Open(workspace.DatabasePath);
        Assert.Equal(["model/model.bin"], workspace.Artifacts.List(new RunStore(database, workspace.Artifacts,
            workspace.Time).Get(run.Id)));

        Task<BackupReport> Restore(bool overwrite) =>
            StoreBackup.RestoreAsync(file, workspace.Address, workspace.Artifacts, overwrite, TimeProvider.System);
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("artifacts/../../evil.txt")]
    [InlineData("other.txt")]
    public async Task RestoreAsync_StrangeEntry_IsRefusedAndNothingIsWritten(string name)
    {
        using var workspace = new Workspace();
        var file = Path.Combine(workspace.Folder, "backup.zip");
        await StoreBackup.BackupAsync(workspace.Address, workspace.Artifacts, file, overwrite: false,
            TimeProvider.System);
        using (var archive = ZipFile.Open(file, ZipArchiveMode.Update)) archive.CreateEntry(name);
        using var folder = new TemporaryFolder();
        Assert.Equal(ErrorCode.InvalidInput, await RefusedAsync(() => StoreBackup.RestoreAsync(
            file, StoreAddress.OfFile(folder.File("w/gyre.db")), new ArtifactStore(folder.File("w/artifacts")),
                overwrite: false, TimeProvider.System)));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task RestoreAsync_NoBackup_IsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.zip"), "no archive");
        Assert.Equal(ErrorCode.InvalidInput, await RefusedAsync(() => StoreBackup.RestoreAsync(
            folder.File("a.zip"), StoreAddress.OfFile(folder.File("gyre.db")), new ArtifactStore(folder.File("a")),
                overwrite: false, TimeProvider.System)));
    }

    private static async Task<ErrorCode> RefusedAsync(Func<Task> work) =>
        (await Assert.ThrowsAsync<GyreException>(work)).Code;
}
