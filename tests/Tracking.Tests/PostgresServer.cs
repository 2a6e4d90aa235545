using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gyre.Fixtures;
using Npgsql;

namespace Gyre.Tracking.Tests;

/// <summary>
/// A PostgreSQL server of its own in a temporary folder, for the tests of one collection; gone with them. It runs as
/// the user <c>postgres</c> when the tests run as root, since it refuses to be root.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private int _databases;

    public PostgresServer()
    {
        if (Missing is not null) return;
        var data = _folder.File("data");
        if (Environment.IsPrivilegedProcess) Run("chown", ["postgres", _folder.Path]);
        RunAsServer("initdb", ["-D", data, "-U", "gyre", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        RunAsServer("pg_ctl",
        [
            "-D", data, "-w", "-t", "60", "-l", _folder.File("log"), "-o",
            $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", "start",
        ]);
    }

    /// <summary>Why there can be no server on this machine; null when there can.</summary>
    public static string? Missing { get; } =
        Binaries() is null ? "PostgreSQL's initdb and pg_ctl are not installed (Debian: postgresql)." : null;

    /// <summary>Makes an empty database and returns its connection string for Npgsql.</summary>
    public string CreateDatabase()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>The address of a new empty database as MLflow writes it.</summary>
    public string CreateDatabaseAddress()
    {
        var settings = new NpgsqlConnectionStringBuilder(CreateDatabase());
        return $"postgresql://gyre:none@127.0.0.1:{_port}/{settings.Database}";
    }

    public void Dispose()
    {
        if (Missing is null)
        {
            NpgsqlConnection.ClearAllPools();
            RunAsServer("pg_ctl", ["-D", _folder.File("data"), "-w", "-m", "immediate", "stop"]);
        }

        _folder.Dispose();
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=gyre;Database={database};Include Error Detail=true";

    private static string? Binaries() => new[] { "/usr/lib/postgresql" }.Where(Directory.Exists)
        .SelectMany(root => Directory.GetDirectories(root))
        .OrderByDescending(Version)
        .Select(folder => Path.Combine(folder, "bin"))
        .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "pg_ctl")));

    private static int Version(string folder) =>
        int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void RunAsServer(string program, string[] arguments)
    {
        var path = Path.Combine(Binaries()!, program); // the caller checked Missing
        if (Environment.IsPrivilegedProcess) Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        else Run(path, arguments);
    }

    // No redirected output: the server inherits the pipes and would keep them open.
    private static void Run(string program, string[] arguments)
    {
        string[] silently = ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments];
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", silently) { WorkingDirectory = "/" });
        Assert.NotNull(shell);
        Assert.True(shell.WaitForExit(TimeSpan.FromSeconds(120)), $"{program} does not end.");
        Assert.True(shell.ExitCode == 0, $"{program} failed with exit code {shell.ExitCode}.");
    }
}

/// <summary>
/// Classes that need the server say <c>[Collection(PostgresTests.Name)]</c> and take it as an argument.
/// </summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A test that is skipped, with the reason, where PostgreSQL is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}
