using Npgsql;

namespace Gyre.Tracking.Tests.Rest;

/// <summary>What clients hear while the database's server does not answer.</summary>
[Collection(PostgresTests.Name)]
public class DatabaseGoneTests(PostgresServer postgres)
{
    private const string Experiments = "2.0/mlflow/experiments/get?experiment_id=0";

    [PostgresFact]
    public async Task Get_ConnectionEndedByTheServer_Is503AndThenAnsweredAgain()
    {
        var address = postgres.CreateDatabaseAddress();
        await using var server = await RestFixture.StartAsync(StoreAddress.Parse(address));
        await server.GetAsync(Experiments);
        Administer(
            address, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = '{0}'");
        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), await ErrorAsync(server, HttpMethod.Get, Experiments));
        await server.GetAsync(Experiments);
    }

    [PostgresFact]
    public async Task Requests_DatabaseOutOfReach_Are503WithoutThePassword()
    {
        var address = postgres.CreateDatabaseAddress();
        await using var server = await RestFixture.StartAsync(StoreAddress.Parse(address));
        var run = await server.CreateRunAsync();
        Administer(address, "ALTER DATABASE {0} ALLOW_CONNECTIONS false");
        Administer(
            address, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = '{0}'");
        for (var i = 0; i < 3; i++)
            Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), await ErrorAsync(server, HttpMethod.Get, Experiments));
        Assert.Equal((503, "TEMPORARILY_UNAVAILABLE"), await ErrorAsync(
            server, HttpMethod.Post, "2.0/mlflow/runs/set-tag", new { run_id = run, key = "k", value = "v" }));

        Administer(address, "ALTER DATABASE {0} ALLOW_CONNECTIONS true");
        await server.GetAsync(Experiments);
        await server.PostAsync("2.0/mlflow/runs/set-tag", new { run_id = run, key = "k", value = "v" });
    }

    private static async Task<(int Status, string Code)> ErrorAsync(
        RestFixture server, HttpMethod method, string path, object? body = null)
    {
        var (status, code, message) = await server.RefusedAsync(method, path, body);
        Assert.DoesNotContain(":none@", message, StringComparison.Ordinal);
        return (status, code);
    }

    /// <summary>Runs a statement from another database of the server; <c>{0}</c> is the name of this one.</summary>
    private static void Administer(string address, string sql)
    {
        var uri = new Uri(address);
        using var connection = new NpgsqlConnection(
            $"Host={uri.Host};Port={uri.Port};Username=gyre;Database=postgres;Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = string.Format(null, sql, uri.AbsolutePath[1..]);
        command.ExecuteNonQuery();
    }
}
