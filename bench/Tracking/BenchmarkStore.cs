using Gyre.Tracking;
using Npgsql;

namespace Gyre.Bench.Tracking;

/// <summary>
/// An empty store for one measurement, gone with this object: a file, or a database beside the one that the benchmark
/// was given, which the user of its address must be allowed to create.
/// </summary>
internal sealed class BenchmarkStore : IDisposable
{
    private readonly string? _server;
    private readonly string? _database;

    private BenchmarkStore(string address, string? server = null, string? database = null) =>
        (Address, _server, _database) = (address, server, database);

    /// <summary>As <c>--store</c> takes it.</summary>
    public string Address { get; }

    /// <summary>Makes one.</summary>
    /// <param name="options">Where the benchmark's store is: on PostgreSQL, or null for a file.</param>
    /// <param name="folder">Where a file goes.</param>
    /// <param name="name">What the store is for.</param>
    public static BenchmarkStore Create(TrackingOptions options, string folder, string name)
    {
        if (options.Store is null)
            return new BenchmarkStore(StoreAddress.OfFile(Path.Combine(folder, name + ".db")).ToString());
        var address = new UriBuilder(options.Store);
        var server = ConnectionString(options.Store);
        var database = new NpgsqlConnectionStringBuilder(server).Database + "_" + name;
        Execute(server, $"DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)");
        Execute(server, $"CREATE DATABASE \"{database}\"");
        address.Path = "/" + Uri.EscapeDataString(database);
        return new BenchmarkStore(address.Uri.OriginalString, server, database);
    }

    /// <summary>What Npgsql needs to reach an address.</summary>
    public static string ConnectionString(string address)
    {
        var uri = new Uri(address);
        var user = uri.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : NpgsqlConnection.DefaultPort,
            Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Pooling = false,
            CommandTimeout = 0,
        }.ConnectionString;
    }

    public void Dispose()
    {
        if (_server is not null) Execute(_server, $"DROP DATABASE IF EXISTS \"{_database}\" WITH (FORCE)");
    }

    private static void Execute(string server, string sql)
    {
        using var connection = new NpgsqlConnection(server);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
