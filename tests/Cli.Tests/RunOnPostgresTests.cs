using System.Text.Json.Nodes;
using Gyre.Fixtures;
using Gyre.Tracking;
using Gyre.Tracking.Tests;

namespace Gyre.Cli.Tests;

/// <summary><c>gyre run --store</c>: the loop over the database of <c>gyre up --store</c>.</summary>
[Collection(PostgresTests.Name)]
public class RunOnPostgresTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Run_StoreOnAServer_WritesRunsVersionsAndLedgerThere()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        var address = server.CreateDatabaseAddress();

        string[] command = ["run", "--store", address, "--json", "result.json"];
        (await GyreProcess.RunAsync(folder.Path, command)).Succeeded();
        (await GyreProcess.RunAsync(folder.Path, command)).Succeeded();

        Assert.False(File.Exists(folder.File(".gyre/gyre.db")));
        var result = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("result.json")))!; // an object
        using var database = TrackingDatabase.Open(StoreAddress.Parse(address));
        var artifacts = new ArtifactStore(folder.File(".gyre/artifacts"));
        var registry = new ModelRegistry(database, artifacts, TimeProvider.System);
        var champion = registry.GetByAlias("bike", "champion");
        Assert.NotNull(champion);
        Assert.True(File.Exists(Path.Combine(champion.Folder, "MLmodel")), champion.Folder);
        Assert.Contains((int)result["version"]!, registry.List("bike").Select(version => version.Version)); // has one
        using var connection = database.OpenConnection();
        using var ledger = connection.CreateCommand();
        ledger.CommandText = "SELECT count(*) FROM gyre_ledger";
        Assert.True((long)ledger.ExecuteScalar()! > 0); // a count is never null
    }

    [Fact]
    public async Task Run_StoreThatIsNone_SaysSoAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        await BikeWorkspace.InitAsync(folder);
        var result = await GyreProcess.RunAsync(folder.Path, "run", "--store", "mysql://db.example.org/mlflow");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is not the address of a store", result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File(".gyre")));
    }
}
