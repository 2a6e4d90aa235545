using Gyre.Tracking.Search;

namespace Gyre.Tracking.Tests.Search;

public class SqliteSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Search_AgreesWithTheOracle(int seed)
    {
        Check(seed, oracle => oracle.CheckRuns());
        Check(seed, oracle => oracle.CheckExperiments());
        Check(seed, oracle => oracle.CheckModels());
        Check(seed, oracle => oracle.CheckVersions());
        Check(seed, oracle => oracle.CheckLoggedModels());
    }

    private static void Check(int seed, Action<SearchOracle> check)
    {
        using var connection = SearchDatabase.OpenSqlite();
        check(new SearchOracle(connection, seed));
    }
}

[Collection(PostgresTests.Name)]
public class PostgresSearchTests(PostgresServer server)
{
    [PostgresFact]
    public void Runs_AgreeWithTheOracle() => Check(oracle => oracle.CheckRuns());

    [PostgresFact]
    public void Experiments_AgreeWithTheOracle() => Check(oracle => oracle.CheckExperiments());

    [PostgresFact]
    public void Models_AgreeWithTheOracle() => Check(oracle => oracle.CheckModels());

    [PostgresFact]
    public void Versions_AgreeWithTheOracle() => Check(oracle => oracle.CheckVersions());

    [PostgresFact]
    public void LoggedModels_AgreeWithTheOracle() => Check(oracle => oracle.CheckLoggedModels());

    [PostgresFact]
    public void ManyClausesAndOrders_AreWithinTheLimits()
    {
        using var connection = SearchDatabase.OpenPostgres(server.CreateDatabase());
        RunSearchTests.Fill(connection, 3);
        RunSearchTests.CheckLimits(connection);
        var runs = RunPageReader.Read(connection, ["r1", "r0"]);
        Assert.Equal([new MetricRecord("m", 1, 1, 2)], runs[0].Metrics);
        Assert.Equal("t0", runs[1].Tags.Single(tag => tag.Key == "t").Value);
    }

    private void Check(Action<SearchOracle> check)
    {
        using var connection = SearchDatabase.OpenPostgres(server.CreateDatabase());
        check(new SearchOracle(connection, 3));
    }
}
